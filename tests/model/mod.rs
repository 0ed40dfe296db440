//! Handles and models.
mod hello;
mod nested;
mod types;
