use dronestore::Drone;

#[derive(Drone)]
struct Person<'a, 'b: 'a, T> {
    #[merge(latest)]
    name: std::marker::PhantomData<(&'a str, &'b T)>,
}

fn main() {}
