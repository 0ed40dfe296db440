//! A field's type may have methods named as ours: they are never called.
use dronestore::Drone;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PartialEq, PartialOrd)]
struct Odd(u8);
impl dronestore::Ordered for Odd {}

#[allow(dead_code)]
impl Odd {
    const FIELD: &str = "";
    fn read(&self) {}
    fn write(&self) {}
    fn carry(self) {}
    fn default() -> u8 {
        0
    }
    fn default_value() {}
}

#[derive(Drone)]
struct Thing {
    #[merge(max)]
    #[drone(default = Odd(1))]
    read: Odd,
    #[merge(latest_object)]
    #[drone(default = Odd(1))]
    write: Odd,
    #[drone(skip, default = Odd(1))]
    carry: Odd,
}

#[allow(dead_code)]
impl Thing {
    const KIND: u8 = 0;
    const ATTRIBUTES: u8 = 0;
    fn read() {}
    fn write() {}
    fn carry() {}
}

fn main() {}
