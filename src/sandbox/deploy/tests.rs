//! Deployments onto a scripted host: what each step asks for, and each way to fail.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use super::{DeployFailure, DeployLimits, Plan, RunningApp, Step, deploy};
use crate::{
    sandbox::{
        ProcessEvent, SandboxError, Stream,
        scripted::{Answer, Request, Scripted, lease},
    },
    types::{AppFile, Artifact, Check, Expectation, Origin, Port, Runtime},
};

const STARTED: &str = r#"{"start":{"pid":7}}"#;
const WORDS: &str = r#"{"data":{"stderr":"RXJyb3I6IG5vIG1vZHVsZQo="}}"#;

fn artifact(build: Option<&str>, checks: Vec<Check>) -> Artifact {
    Artifact {
        files: vec![AppFile { path: "server.js".into(), content: "…".into() }],
        build: build.map(str::to_owned),
        start: "node server.js".into(),
        port: Port::new(3000).unwrap(),
        runtime: Runtime::Node,
        dependencies: Vec::new(),
        checks,
        origin: Origin {
            generator: "built-in".into(),
            template: "todo".into(),
            match_percent: 90,
            note: String::new(),
        },
    }
}

fn limits() -> DeployLimits {
    DeployLimits { listen: Duration::from_millis(60), ..DeployLimits::default() }
}

fn plan() -> Plan {
    Plan { limits: limits(), ..Plan::default() }
}

fn closed() -> Answer {
    Answer::with(502, "x-spawnai-host: port-closed\r\n", "{}")
}

/// A host whose uploads succeed; `process` answers starts and `app` answers on port 3000, each told how often it was asked.
async fn host(
    process: impl Fn(usize) -> Answer + 'static,
    app: impl Fn(usize, &Request) -> Answer + 'static,
) -> Scripted {
    let (mut starts, mut asked) = (0, 0);
    Scripted::new(move |request| match (request.port(), request.line.as_str()) {
        (Some("3000"), _) => {
            asked += 1;
            app(asked, request)
        }
        (Some("49983"), "POST /files?username=user") => Answer::json(200, "[]"),
        (Some("49983"), "POST /process.Process/Start") => {
            starts += 1;
            process(starts)
        }
        other => panic!("{other:?}"),
    })
    .await
}

async fn run(host: &Scripted, artifact: Artifact) -> (Result<RunningApp, DeployFailure>, Vec<Step>) {
    let steps = Rc::<RefCell<Vec<Step>>>::default();
    let seen = steps.clone();
    let client = host.client();
    let outcome = deploy(client, lease(), Arc::new(artifact), plan(), move |step| seen.borrow_mut().push(step)).await;
    (outcome, steps.take())
}

fn running(_: usize) -> Answer {
    Answer::stream(&[STARTED, WORDS], None)
}

#[actix_rt::test]
async fn an_app_is_live_once_its_port_answers_and_its_checks_pass() {
    let app = |asked, request: &Request| match request.line.as_str() {
        _ if asked < 4 => closed(),
        "GET /todos" => Answer::json(200, "[]"),
        "POST /todos" => Answer::json(201, r#"{"id":1}"#),
        line => panic!("{line}"),
    };
    let host = host(running, app).await;
    let add = Check {
        name: "add".into(),
        method: "POST".into(),
        path: "/todos".into(),
        body: Some("{}".into()),
        expect: Expectation { contains: Some("id".into()), ..Expectation::status(201) },
    };
    let (app, steps) = run(&host, artifact(None, vec![Check::get("list", "/todos", 200, Some("[")), add])).await;
    assert_eq!(app.unwrap().pid, 7);
    let output = Step::Output { stream: Stream::Stderr, text: "Error: no module\n".into() };
    let (said, rest): (Vec<_>, Vec<_>) = steps.into_iter().partition(|step| matches!(step, Step::Output { .. }));
    assert_eq!(said, [output]);
    let checking = |name: &str, index| Step::Checking { name: name.into(), index, of: 2 };
    assert_eq!(rest, [Step::Uploading { files: 1 }, Step::Starting, checking("list", 0), checking("add", 1)]);
    let lists = host.lines().iter().filter(|line| *line == "GET /todos").count();
    assert_eq!(lists, 4, "the answer that ended the waiting was the first check's too");
    let start = host.requests().into_iter().find(|request| request.line.contains("Start")).unwrap();
    for part in [r#""-c","node server.js""#, r#""PORT":"3000""#, r#""HOST":"0.0.0.0""#, r#""cwd":"/home/user/app""#] {
        assert!(start.body.contains(part), "{part} in {}", start.body);
    }
}

#[actix_rt::test]
async fn the_output_goes_on_after_the_deployment() {
    let host = host(running, |_, _| Answer::json(404, "")).await;
    let (app, steps) = run(&host, artifact(None, vec![])).await;
    let mut app = app.unwrap();
    if !steps.iter().any(|step| matches!(step, Step::Output { .. })) {
        assert!(matches!(app.output.next().await, Ok(Some(ProcessEvent::Output { .. }))));
    }
    drop(app);
    host.closed(1).await;
}

#[actix_rt::test]
async fn an_app_that_ends_is_found_out_at_once_and_its_last_words_are_kept() {
    let dead = |_| Answer::stream(&[STARTED, WORDS, r#"{"end":{"exitCode":1,"exited":true}}"#], Some("{}"));
    let host = host(dead, |_, _| closed()).await;
    let (outcome, _) = run(&host, artifact(None, vec![])).await;
    assert_eq!(outcome.unwrap_err(), DeployFailure::Start { exit: 1, output: "Error: no module".into() });
}

#[actix_rt::test]
async fn an_app_that_dies_under_a_check_is_a_dead_app_and_not_a_failed_check() {
    // The second request is never answered; the app's death alone ends the waiting.
    let dying = |_| Answer::stream(&[STARTED, WORDS, r#"{"end":{"exitCode":9}}"#], Some("{}"));
    let host = host(dying, |_, _| Answer::silence()).await;
    let (outcome, _) = run(&host, artifact(None, vec![Check::get("home", "/", 200, None)])).await;
    assert_eq!(outcome.unwrap_err(), DeployFailure::Start { exit: 9, output: "Error: no module".into() });
}

#[actix_rt::test]
async fn an_app_that_never_listens_is_given_up_with_its_output() {
    let host = host(running, |_, _| closed()).await;
    let (outcome, _) = run(&host, artifact(None, vec![])).await;
    let (port, waited) = (Port::new(3000).unwrap(), limits().listen);
    let expected = DeployFailure::NotListening { port, waited, output: "Error: no module".into() };
    assert_eq!(outcome.unwrap_err(), expected);
}

#[actix_rt::test]
async fn a_build_comes_first_and_its_failure_last() {
    let failing = |_| Answer::stream(&[STARTED, WORDS, r#"{"end":{"exitCode":2}}"#], Some("{}"));
    let host = host(failing, |_, _| closed()).await;
    let (outcome, steps) = run(&host, artifact(Some("npm ci"), vec![])).await;
    assert_eq!(outcome.unwrap_err(), DeployFailure::Build { exit: Some(2), output: "Error: no module".into() });
    assert_eq!(steps[1], Step::Building);
    let build = &host.requests()[1];
    assert!(build.body.contains("npm ci"));
    assert_eq!(build.header("connect-timeout-ms"), Some("120000"), "the host kills a build that never ends");
}

#[actix_rt::test]
async fn a_build_that_succeeds_is_followed_by_the_start() {
    let process = |starts| match starts {
        1 => Answer::stream(&[STARTED, r#"{"end":{}}"#], Some("{}")),
        _ => running(starts),
    };
    let host = host(process, |_, _| Answer::json(200, "")).await;
    let (outcome, _) = run(&host, artifact(Some("true"), vec![])).await;
    assert_eq!(outcome.unwrap().pid, 7);
}

#[actix_rt::test]
async fn a_wrong_answer_fails_its_check_and_a_not_yet_is_asked_again() {
    let app = |asked, _: &Request| if asked < 3 { Answer::json(503, "warming up") } else { Answer::json(200, "Notes") };
    let first = host(running, app).await;
    let (outcome, _) = run(&first, artifact(None, vec![Check::get("home", "/", 200, Some("Notes"))])).await;
    assert_eq!(outcome.unwrap().pid, 7);
    let second = host(running, |_, _| Answer::json(200, "Notes")).await;
    let (outcome, _) = run(&second, artifact(None, vec![Check::get("home", "/", 200, Some("Todo"))])).await;
    let Err(DeployFailure::Check { name, expected, got, .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!((name.as_str(), expected.as_str()), ("home", "status 200 and \"Todo\" in the body"));
    assert_eq!(got, "status 200 and \"Notes\"");
}

#[actix_rt::test]
async fn a_sandbox_that_dies_is_not_the_apps_fault() {
    let host = host(running, |_, _| Answer::with(502, "x-spawnai-host: sandbox-not-found\r\n", "{}")).await;
    let (outcome, _) = run(&host, artifact(None, vec![])).await;
    assert!(matches!(outcome, Err(DeployFailure::Sandbox(SandboxError::NotFound { .. }))), "{outcome:?}");
}

#[actix_rt::test]
async fn an_upload_is_tried_again_where_that_helps() {
    let mut uploads = 0;
    let host = Scripted::new(move |request| match (request.port(), request.line.as_str()) {
        (Some("49983"), "POST /files?username=user") => {
            uploads += 1;
            if uploads == 1 { Answer::cut("") } else { Answer::json(507, r#"{"code":507,"message":"disk full"}"#) }
        }
        other => panic!("{other:?}"),
    })
    .await;
    let (outcome, _) = run(&host, artifact(None, vec![])).await;
    assert!(matches!(outcome, Err(DeployFailure::Upload(SandboxError::Server { status: 507, .. }))), "{outcome:?}");
    assert_eq!(host.lines().len(), 2);
}
