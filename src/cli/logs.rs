//! `logs`: what an app wrote, and what it goes on to write.

use serde_json::Value;

use super::{
    arguments::LogsArgs,
    client::{Client, read},
    console::Console,
    error::{ClientError, Exit},
    follow::Follower,
    text,
    wire::{LogLine, Logs, Session},
};

pub(super) async fn logs(client: &Client, args: &LogsArgs, console: &mut Console) -> Result<Exit, ClientError> {
    let last = print_kept(client, args, console).await?;
    if !args.follow {
        return Ok(Exit::Ok);
    }
    tokio::select! {
        biased;
        Ok(()) = tokio::signal::ctrl_c() => Ok(Exit::Interrupted),
        followed = follow(client, args, last, console) => followed,
    }
}

/// Prints the lines that the engine has kept; the number of the last one.
async fn print_kept(client: &Client, args: &LogsArgs, console: &mut Console) -> Result<Option<u64>, ClientError> {
    let path = format!("/api/spawn/{}/logs", args.id);
    let answer = client.get(&path).await?;
    let logs: Logs = read(&format!("GET {path}"), &answer)?;
    if logs.truncated {
        console.remark("older lines are gone: the engine keeps only the last ones");
    }
    if args.json {
        for line in answer.get("lines").and_then(Value::as_array).into_iter().flatten() {
            console.line(&line.to_string())?;
        }
    } else {
        for line in &logs.lines {
            print(line, console)?;
        }
    }
    Ok(logs.lines.last().map(|line| line.seq))
}

async fn follow(
    client: &Client,
    args: &LogsArgs,
    last: Option<u64>,
    console: &mut Console,
) -> Result<Exit, ClientError> {
    let path = format!("/api/spawn/{}/logs?follow=true", args.id);
    let mut events = Follower::new(client, path.clone()).behind(last);
    loop {
        let Some(event) = events.next().await? else {
            if is_over(client, args).await? {
                return Ok(Exit::Ok);
            }
            events.resume().await?;
            continue;
        };
        let line: LogLine = serde_json::from_str(&event.data)
            .map_err(|error| ClientError::Unexpected { what: format!("GET {path}"), reason: error.to_string() })?;
        if args.json {
            console.line(&event.data)?;
        } else {
            print(&line, console)?;
        }
    }
}

/// Whether a stream that ended in good order did so because nothing more will come.
async fn is_over(client: &Client, args: &LogsArgs) -> Result<bool, ClientError> {
    let path = format!("/api/spawn/{}", args.id);
    let session: Session = read(&format!("GET {path}"), &client.get(&path).await?)?;
    Ok(session.status.is_over())
}

fn print(line: &LogLine, console: &mut Console) -> Result<(), ClientError> {
    let time = text::time(line.at);
    let clock = time.split(' ').nth(1).unwrap_or(&time);
    let stream = match line.stream.as_str() {
        "stderr" => console.red("err"),
        "engine" => console.dim("eng"),
        _ => "out".to_owned(),
    };
    let text = text::harmless(line.text.trim_end_matches(['\r', '\n']));
    console.line(&format!("{} {stream}  {text}", console.dim(clock)))
}
