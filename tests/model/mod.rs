//! Handles and models.
mod hello;
