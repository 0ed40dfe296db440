use dronestore::Drone;

fn check(_: &u8) -> Result<(), String> {
    Ok(())
}

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(validate = "check")]
    name: String,
}

fn main() {}
