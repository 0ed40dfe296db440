//! Handles and models.
mod check;
mod declared;
mod hello;
mod nested;
mod types;
