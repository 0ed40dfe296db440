//! Bounds are inferred for the fields that name a parameter, or given.
use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

use dronestore::Drone;
use dronestore::__private::Model;

#[derive(Drone)]
struct Page<T, const N: usize = 3> {
    #[merge(latest)]
    one: T,
    #[merge(set)]
    many: BTreeSet<T>,
    #[merge(map(max))]
    best: BTreeMap<String, T>,
    #[merge(counter)]
    visits: u64,
    #[drone(skip)]
    marker: PhantomData<T>,
}

#[derive(Drone)]
struct Tree<T: Clone>
where
    T: Copy,
{
    #[merge(latest)]
    #[drone(required)]
    value: Option<T>,
    #[merge(map(nested))]
    kids: BTreeMap<String, Tree<T>>,
}

#[derive(Drone)]
struct Digest<const N: usize> {
    #[merge(latest)]
    bytes: [u8; N],
}

trait Shape {
    type Part;
}

#[derive(Drone)]
struct Assembly<S: Shape> {
    #[merge(nested)]
    #[drone(default = make())]
    part: S::Part,
}

fn make<T>() -> T {
    unreachable!()
}

#[derive(Drone)]
#[drone(bound = "T: Model + Default, U: Copy,")]
struct Given<T, U> {
    #[merge(nested)]
    inner: T,
    #[drone(skip, default = None)]
    other: Option<U>,
}

fn is_drone<T: Model>() {}

struct Car;
impl Shape for Car {
    type Part = Page<u8>;
}

fn main() {
    is_drone::<Page<String>>();
    is_drone::<Page<Option<char>, 7>>();
    is_drone::<Tree<u8>>();
    is_drone::<Digest<4>>();
    is_drone::<Assembly<Car>>();
    is_drone::<Given<Tree<u8>, ()>>();
}

impl Default for Tree<u8> {
    fn default() -> Self {
        Tree { value: None, kids: BTreeMap::new() }
    }
}
