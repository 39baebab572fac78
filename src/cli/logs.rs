//! `logs`: what an app wrote, and what it goes on to write.

use serde_json::Value;

use super::{
    arguments::LogsArgs,
    client::{Client, read},
    console::Console,
    error::{ClientError, Exit},
    follow::Follower,
    spawn, text,
    wire::{LogLine, Logs},
};

pub(super) async fn logs(client: &Client, args: &LogsArgs, console: &mut Console) -> Result<Exit, ClientError> {
    let last = print_kept(client, args, None, console).await?;
    if !args.follow {
        return Ok(Exit::Ok);
    }
    tokio::select! {
        biased;
        Ok(()) = tokio::signal::ctrl_c() => Ok(Exit::Interrupted),
        followed = follow(client, args, last, console) => followed,
    }
}

/// Prints the lines that the engine has kept behind the one numbered `after`; the number of the last one.
async fn print_kept(
    client: &Client,
    args: &LogsArgs,
    after: Option<u64>,
    console: &mut Console,
) -> Result<Option<u64>, ClientError> {
    let path = format!("/api/spawn/{}/logs", args.id);
    let answer = client.get(&path).await?;
    let logs: Logs = read(&format!("GET {path}"), &answer)?;
    if logs.truncated && after.is_none() {
        console.remark("older lines are gone: the engine keeps only the last ones");
    }
    let raw = answer.get("lines").and_then(Value::as_array).into_iter().flatten();
    for (line, raw) in logs.lines.iter().zip(raw).filter(|(line, _)| after.is_none_or(|after| line.seq > after)) {
        if args.json {
            console.line(&raw.to_string())?;
        } else {
            print(line, console)?;
        }
    }
    Ok(logs.lines.last().map(|line| line.seq))
}

async fn follow(
    client: &Client,
    args: &LogsArgs,
    mut last: Option<u64>,
    console: &mut Console,
) -> Result<Exit, ClientError> {
    let path = format!("/api/spawn/{}/logs?follow=true", args.id);
    let mut events = Follower::new(client, path.clone()).behind(last);
    loop {
        let Some(event) = events.next().await? else {
            if spawn::session(client, args.id).await?.1.status.is_over() {
                // A lost connection looks like an end in good order: what it swallowed is read from the kept lines.
                print_kept(client, args, last, console).await?;
                return Ok(Exit::Ok);
            }
            events.resume().await?;
            continue;
        };
        let line: LogLine = serde_json::from_str(&event.data)
            .map_err(|error| ClientError::Unexpected { what: format!("GET {path}"), reason: error.to_string() })?;
        last = Some(line.seq);
        if args.json {
            console.line(&event.data)?;
        } else {
            print(&line, console)?;
        }
    }
}

fn print(line: &LogLine, console: &mut Console) -> Result<(), ClientError> {
    let time = text::time(line.at);
    let clock = time.split(' ').nth(1).unwrap_or(&time);
    let stream = match line.stream.as_str() {
        "stderr" => console.red("err"),
        "engine" => console.dim("eng"),
        _ => "out".to_owned(),
    };
    let text = text::output(line.text.trim_end_matches(['\r', '\n']));
    console.line(&format!("{} {stream}  {text}", console.dim(clock)))
}
