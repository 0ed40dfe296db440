use dronestore::Drone;
struct Socket;

#[derive(Drone)]
#[merge(latest)]
struct Person {
    socket: Socket,
    #[merge(counter)]
    other: Socket,
}

fn main() {}
