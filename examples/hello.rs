//! Hello world: one object edited on two devices that never met, merged field by field.
#![allow(clippy::print_stdout)]

use dronestore::{Drone, Result};

#[derive(Drone)]
struct MyModel {
    #[merge(latest)]
    first: String,
    #[merge(latest)]
    second: String,
}

fn main() -> Result<()> {
    let mut here = MyModel::named("FooBar")?;
    here.first = "Hello".into();
    here.commit()?;

    let mut there = MyModel::named("FooBar")?;
    there.second = "World".into();
    there.commit()?;

    here.merge(&there)?;
    println!("{} {}", here.first, here.second);
    Ok(())
}
