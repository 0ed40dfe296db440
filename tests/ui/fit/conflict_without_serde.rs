use dronestore::Drone;
struct Socket;

#[derive(Drone)]
struct Person {
    #[merge(conflict)]
    #[drone(default = Socket)]
    socket: Socket,
}

fn main() {}
