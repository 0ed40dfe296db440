use dronestore::Drone;
struct Socket;

#[derive(Drone)]
#[merge(latest)]
struct Person {
    #[drone(skip)]
    socket: Socket,
}

fn main() {}
