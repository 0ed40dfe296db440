use dronestore::Drone;

struct Socket;

#[derive(Drone)]
struct Person {
    #[merge(list)]
    sockets: Vec<Socket>,
}

fn main() {}
