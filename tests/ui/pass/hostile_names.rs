//! Nothing in scope can be meant by accident: no prelude, and local names for everything.
#![no_implicit_prelude]
#![allow(dead_code, non_camel_case_types, non_snake_case, non_upper_case_globals)]

mod core {}
mod std {}
mod serde {}
mod dronestore {}
mod forms {}
mod latest {}
struct String;
struct Vec;
struct Box;
struct Error;
enum Option {}
enum Result {}
trait Default {}
trait Clone {}
trait Sized {}
trait Model {}
trait Latest {}
trait FnOnce {}
static place: () = ();
static fields: () = ();
const object: () = ();
fn Ok() {}
fn Some() {}

#[derive(::dronestore::Drone)]
struct Person {
    #[merge(latest)]
    String: u8,
    #[merge(max)]
    u32: u32,
    #[merge(latest_object)]
    place: bool,
    #[merge(latest_object)]
    object: (),
    #[merge(map(counter))]
    fields: ::std::collections::BTreeMap<u8, u64>,
    #[merge(latest)]
    #[drone(default = 3, required)]
    default: i8,
    #[drone(skip)]
    skipped: u8,
}

mod inner {
    #[derive(::dronestore::Drone)]
    struct Broken<Result, Model> {
        #[merge(latest)]
        option: Result,
        #[drone(skip)]
        model: ::std::marker::PhantomData<Model>,
    }
}

fn main() {}
