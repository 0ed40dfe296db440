use dronestore::Drone;
struct Socket;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(default = Socket)]
    socket: Socket,
}

fn main() {}
