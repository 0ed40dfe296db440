use dronestore::Drone;
struct Socket;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    sockets: Vec<Option<Socket>>,
}

fn main() {}
