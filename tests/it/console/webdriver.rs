//! Chromium, driven as WebDriver (W3C) says: the few commands that the tests need. The crates for
//! it bring versions of others that the build refuses, or break `String + &String`.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};

use crate::support::{http_client, nowhere, tool, wait_until};

/// The member that names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long an element may take to be there.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a page is looked at that is to change: a look costs more than a moment is worth.
const LOOK: Duration = Duration::from_millis(150);

/// The driver of browsers, until it is dropped.
pub(super) struct Driver {
    child: Child,
    url: String,
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
}

impl Driver {
    /// `None` where this machine has no Chromium.
    pub(super) fn start() -> Option<Self> {
        tool("chromium")?;
        let mut command = tool("chromedriver")?;
        let address = nowhere();
        command.arg(format!("--port={}", address.port()));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_until("the driver of browsers", || TcpStream::connect(address).is_ok());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = http_client().timeout(Duration::from_secs(200)).build().unwrap();
        Some(Self { child, url: format!("http://{address}"), runtime, client })
    }

    /// A browser, with scripts or without.
    pub(super) fn browser(&self, has_scripts: bool) -> Browser<'_> {
        let scripts = json!({ "profile.managed_default_content_settings.javascript": 2 });
        let options = json!({
            "binary": "/usr/bin/chromium",
            // A process for graphics that there are none of would only cost.
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--in-process-gpu", "--disable-software-rasterizer", "--hide-scrollbars",
                "--lang=de"],
            "prefs": if has_scripts { json!({}) } else { scripts },
        });
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            // What looks for barriers takes its time on a busy machine.
            "timeouts": { "script": 150_000 },
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        } } });
        let session = self.ask("POST", "/session", &wanted).unwrap();
        let id = session["sessionId"].as_str().unwrap();
        Browser { driver: self, path: format!("/session/{id}") }
    }

    /// Sends a command; the error is what the driver says.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let request = self.client.request(method.parse().unwrap(), format!("{}{path}", self.url));
        let request = if method == "POST" { request.body(body.to_string()) } else { request };
        let (status, text) = self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            (answer.status(), answer.text().await.unwrap())
        });
        let mut answer: Value = serde_json::from_str(&text).unwrap();
        if status.is_success() { Ok(answer["value"].take()) } else { Err(text) }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A browser; it ends when it is dropped.
pub(super) struct Browser<'d> {
    driver: &'d Driver,
    path: String,
}

impl Drop for Browser<'_> {
    fn drop(&mut self) {
        drop(self.driver.ask("DELETE", &self.path, &Value::Null));
    }
}

impl Browser<'_> {
    #[track_caller]
    fn post(&self, command: &str, body: &Value) -> Value {
        let path = format!("{}/{command}", self.path);
        self.driver.ask("POST", &path, body).unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    fn get(&self, command: &str) -> Value {
        self.driver.ask("GET", &format!("{}/{command}", self.path), &Value::Null).unwrap()
    }

    pub(super) fn goto(&self, url: &str) {
        self.post("url", &json!({ "url": url }));
    }

    pub(super) fn url(&self) -> String {
        self.get("url").as_str().unwrap().to_owned()
    }

    pub(super) fn source(&self) -> String {
        self.get("source").as_str().unwrap().to_owned()
    }

    pub(super) fn back(&self) {
        self.post("back", &json!({}));
    }

    pub(super) fn refresh(&self) {
        self.post("refresh", &json!({}));
    }

    /// A command of Chromium's own, beside WebDriver's.
    fn chromium(&self, command: &str, parameters: &Value) -> Value {
        self.post("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    pub(super) fn resize(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.chromium("Emulation.setDeviceMetricsOverride", &size);
    }

    /// As somebody has it who likes pages `light` or `dark`, and still.
    pub(super) fn prefer(&self, scheme: &str) {
        let scheme = json!({ "name": "prefers-color-scheme", "value": scheme });
        let still = json!({ "name": "prefers-reduced-motion", "value": "reduce" });
        self.chromium("Emulation.setEmulatedMedia", &json!({ "features": [scheme, still] }));
    }

    /// Has the pages that are loaded from now on run their scripts, or not.
    pub(super) fn allow_scripts(&self, are_allowed: bool) {
        let value = json!({ "value": !are_allowed });
        self.chromium("Emulation.setScriptExecutionDisabled", &value);
    }

    /// Keeps a picture of the page, quickly rather than packed well.
    pub(super) fn screenshot(&self, file: &Path) {
        let picture = self.chromium("Page.captureScreenshot", &json!({ "optimizeForSpeed": true }));
        let picture = &picture["data"];
        let bytes = base64::engine::general_purpose::STANDARD.decode(picture.as_str().unwrap());
        std::fs::write(file, bytes.unwrap()).unwrap();
    }

    /// What a script returns.
    pub(super) fn run(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// What a script gives to its last argument.
    pub(super) fn await_script(&self, script: &str) -> Value {
        self.post("execute/async", &json!({ "script": script, "args": [] }))
    }

    /// The entries of a log since it was last read.
    pub(super) fn log(&self, name: &str) -> Vec<Value> {
        self.post("se/log", &json!({ "type": name })).as_array().unwrap().clone()
    }

    /// The first element of an XPath, as soon as there is one.
    #[track_caller]
    fn element(&self, xpath: &str) -> String {
        let began = Instant::now();
        loop {
            let path = format!("{}/element", self.path);
            match self.driver.ask("POST", &path, &json!({ "using": "xpath", "value": xpath })) {
                Ok(found) => return found[ELEMENT].as_str().unwrap().to_owned(),
                Err(error) if began.elapsed() > PATIENCE => panic!("{xpath}: {error}"),
                Err(_) => std::thread::sleep(LOOK),
            }
        }
    }

    /// Does something with the first element of an XPath: with the next page's, where that has
    /// come meanwhile.
    #[track_caller]
    fn act(&self, xpath: &str, command: &str, body: &Value) {
        let began = Instant::now();
        loop {
            let path = format!("{}/element/{}/{command}", self.path, self.element(xpath));
            match self.driver.ask("POST", &path, body) {
                Ok(_) => return,
                Err(error)
                    if error.contains("stale element reference") && began.elapsed() < PATIENCE => {}
                Err(error) => panic!("{command} of {xpath}: {error}"),
            }
        }
    }

    #[track_caller]
    pub(super) fn click(&self, xpath: &str) {
        self.act(xpath, "click", &json!({}));
    }

    /// Two clicks, as fast as a mouse makes them.
    #[track_caller]
    pub(super) fn double_click(&self, xpath: &str) {
        let element = self.element(xpath);
        let button = |kind: &str| json!({ "type": kind, "button": 0 });
        let origin = json!({ ELEMENT: element });
        let mut actions =
            vec![json!({ "type": "pointerMove", "duration": 0, "origin": origin, "x": 0, "y": 0 })];
        for kind in ["pointerDown", "pointerUp", "pointerDown", "pointerUp"] {
            actions.push(button(kind));
        }
        let mouse = json!({ "type": "pointer", "id": "mouse", "actions": actions,
            "parameters": { "pointerType": "mouse" } });
        self.post("actions", &json!({ "actions": [mouse] }));
    }

    /// Types into the field with this label.
    #[track_caller]
    pub(super) fn fill(&self, label: &str, text: &str) {
        self.act(&field(label), "value", &json!({ "text": text }));
    }

    #[track_caller]
    pub(super) fn text(&self, xpath: &str) -> String {
        let element = self.element(xpath);
        let path = format!("{}/element/{element}/text", self.path);
        // The page may be another by now.
        let text = self.driver.ask("GET", &path, &Value::Null).unwrap_or_default();
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page shows a text.
    #[track_caller]
    pub(super) fn shows(&self, text: &str, within: Duration) {
        let began = Instant::now();
        loop {
            let body = self.text("//main");
            if body.contains(text) {
                return;
            }
            assert!(began.elapsed() < within, "no {text:?} within {within:?}: {body}");
            std::thread::sleep(LOOK);
        }
    }
}

/// The field with this label.
pub(super) fn field(label: &str) -> String {
    format!("//*[@id=//label[normalize-space()='{label}']/@for]")
}

/// The button within an element that has this text.
pub(super) fn button(within: &str, text: &str) -> String {
    format!("//{within}//button[normalize-space()='{text}']")
}
