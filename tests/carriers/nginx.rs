//! Through nginx, as Debian ships it: HTTP and WebSocket behind a plain proxy.

use super::child::{Serving, call};
use super::processes::{check, files};
use crate::folder::Folder;
use crate::sync::{Note, change, name, replica, repo_with};
use dronestore::Repo;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

/// A web server of this test, before what listens at two addresses.
struct Nginx {
    process: Child,
    address: String,
    _folder: Folder,
}

impl Nginx {
    /// Nothing where there is no nginx; on the machine that checks changes there has to be one.
    fn start(http: &str, websocket: &str) -> Option<Nginx> {
        let is_there = Command::new("nginx").arg("-v").stderr(Stdio::null()).status().is_ok();
        if !is_there {
            assert!(std::env::var("CI").is_err(), "nginx is missing: `.ci/run` installs it");
            println!("SKIPPED: there is no nginx; with Debian: apt-get install nginx-light");
            return None;
        }
        let folder = Folder::new();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let temp: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {kind};\n"))
            .concat();
        // What is left out stands as nginx has it, the largest body above all.
        let config = format!(
            "daemon off;\nmaster_process off;\npid pid;\nerror_log error.log;\nevents {{}}\nhttp {{\naccess_log off;\n{temp}\
             server {{\nlisten {address};\n\
             location /sync {{ proxy_pass {http}; }}\n\
             location /live {{ proxy_pass {websocket}; proxy_http_version 1.1;\n\
             proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }}\n}}\n}}\n"
        );
        std::fs::write(folder.join("nginx.conf"), config).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder.path()).args(["-e", "error.log", "-c", "nginx.conf"]);
        let process = command.spawn().unwrap();
        let nginx = Nginx { process, address, _folder: folder };
        super::until("nginx listens", || std::net::TcpStream::connect(&nginx.address).is_ok());
        Some(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn two_processes_meet_through_nginx() {
    for (scheme, path) in [("http", "/sync"), ("ws", "/live")] {
        let folder = Folder::new();
        let (one, other, hash) = files(&folder);
        let serving = Serving::start(&other, &format!("{scheme}://127.0.0.1:0{path}"), None);
        let behind = serving.url.replace("ws://", "http://");
        let Some(nginx) = Nginx::start(&behind, &behind) else { return };
        let address = format!("{scheme}://{}{path}", nginx.address);
        let first = call(&one, &address, None);
        assert!(first.in_sync && first.sent > 0 && first.came > 0 && first.hash == hash, "{first:?}");
        let again = call(&one, &address, None);
        assert!(again.in_sync && (again.sent, again.came) == (0, 0), "{again:?}");
        assert_eq!((again.hash, serving.end()), (hash.clone(), hash));
        check(&one);
        check(&other);
    }
}

/// Far more than a body takes goes both ways, with the limits that nginx has by itself.
#[test]
fn much_goes_through_nginx_in_small_bodies() {
    let hub = repo_with(10);
    let device = replica(&hub);
    for (repo, number) in [(&hub, 100), (&device, 200)] {
        for number in number..number + 4 {
            change::<Note>(repo, name(number), |note| {
                note.title = (0..900_000).map(|at| char::from(b'a' + (at * number % 23) as u8)).collect();
            });
        }
    }
    let http = hub.serve_with_options("http://127.0.0.1:0/sync", &Default::default()).unwrap();
    let websocket = hub.serve_with_options("ws://127.0.0.1:0/live", &Default::default()).unwrap();
    let behind = format!("http://{}", websocket.local_addr());
    let Some(nginx) = Nginx::start(&http.url(), &behind) else { return };
    let device_too = replica(&device);
    meet(&device, &hub, &format!("http://{}/sync", nginx.address));
    meet(&device_too, &hub, &format!("ws://{}/live", nginx.address));
    let error = device.sync(&format!("http://{}/elsewhere", nginx.address)).unwrap_err();
    assert!(error.to_string().contains("404"), "{error}");
    http.shutdown();
    let error = device.sync(&format!("http://{}/sync", nginx.address)).unwrap_err();
    assert!(error.to_string().contains("502"), "{error}");
}

fn meet(device: &Repo, hub: &Repo, address: &str) {
    let report = device.sync(address).unwrap();
    assert!(report.in_sync && report.bytes_in > 3_000_000, "{report}");
    assert_eq!(device.hash(), hub.hash());
}
