use dronestore::Drone;
struct Socket;

#[derive(Drone)]
struct Person {
    #[merge(first)]
    #[drone(default = Socket)]
    socket: Socket,
}

fn main() {}
