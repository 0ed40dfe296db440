use dronestore::Drone;
struct Socket;

#[derive(Drone)]
struct Person {
    #[merge(latest_object)]
    #[drone(default = Socket)]
    socket: Socket,
}

fn main() {}
