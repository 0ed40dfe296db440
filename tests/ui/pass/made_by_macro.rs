//! Structs that a macro writes, with types, names and rules from both sides.
use dronestore::Drone;

macro_rules! drone {
    ($name:ident { $($field:ident: $ty:ty = $rule:ident),* } $default:expr) => {
        #[derive(Drone)]
        struct $name<T> {
            $(#[merge($rule)] $field: $ty,)*
            #[merge(counter)]
            made: u64,
            #[merge(latest)]
            #[drone(default = $default)]
            given: u8,
            #[merge(latest_object)]
            generic: Vec<T>,
            #[drone(skip)]
            skipped: Skipped,
        }
    };
}
macro_rules! whole {
    ($struct:item) => {
        #[derive(Drone)]
        $struct
    };
}

type Skipped = Option<u8>;
#[allow(non_camel_case_types)]
type made = u8;

drone!(Person { age: u32 = max, tags: std::collections::BTreeSet<String> = set, made_by: made = latest } 1 + 1);
whole! {
    struct Whole {
        #[merge(latest)]
        name: String,
    }
}

fn main() {}
