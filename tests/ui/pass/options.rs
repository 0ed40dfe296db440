//! Every option, also where the type has no default of its own.
#![deny(warnings)]
use dronestore::Drone;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub enum Colour {
    Red,
    Green,
}

pub struct Cache<'a>(pub &'a str);

/// A struct that implements `Drop` cannot be taken apart.
#[derive(Drone)]
#[drone(kind = "/ Any Text ü")]
#[merge(latest)]
pub struct Thing {
    #[merge(first)]
    #[drone(id, required)]
    pub number: u64,
    #[drone(default = Colour::Red, rename = "color")]
    pub colour: Colour,
    #[drone(default = { let most = 3; most * 2 })]
    pub count: u8,
    #[drone(default = Self::unit(), rename = "unit of measure")]
    pub unit: String,
    #[drone(skip)]
    pub cached: Option<Box<dyn Fn(u8) -> u8>>,
    #[drone(skip, default = Cache("cold"))]
    pub cache: Cache<'static>,
    #[deprecated]
    pub old: Option<Colour>,
}

impl Thing {
    fn unit() -> String {
        "piece".to_string()
    }
}

impl Drop for Thing {
    fn drop(&mut self) {}
}

#[derive(Drone)]
struct Empty {}

#[derive(Drone)]
struct Unit;

fn is_drone<T: dronestore::__private::Model>() {}

fn main() {
    is_drone::<Thing>();
    is_drone::<Empty>();
    is_drone::<Unit>();
    let _ = (Empty {}, Unit, Colour::Green);
}
