//! What was generated: listed, read, taken home.

use std::io::Write;

use actix_web::{HttpResponse, http::header, web};
use serde::Serialize;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    Api, ApiError,
    sessions::{id, stored},
};
use crate::types::{Artifact, Category, Failure, SessionId};

#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileList {
    session_id: String,
    files: Vec<FileEntry>,
    /// How the app is started, in its folder, with `PORT` set.
    start: String,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct FileEntry {
    path: String,
    bytes: usize,
}

async fn artifact(api: &Api, id: SessionId) -> Result<Artifact, ApiError> {
    if let Some(artifact) = api.store.artifact(id).await? {
        return Ok(artifact);
    }
    stored(api, id).await?;
    let message = "no files have been generated yet; wait until the session is deploying";
    Err(ApiError::new(
        actix_web::http::StatusCode::CONFLICT,
        Failure::new("no_files_yet", Category::User, message).retryable(),
    ))
}

#[utoipa::path(get, path = "/api/spawn/{id}/files", tag = "files", params(("id" = String, Path, description = "session id")), responses(
    (status = 200, description = "The generated files", body = FileList),
    (status = 404, description = "No such session", body = super::openapi::ErrorBody),
    (status = 409, description = "Nothing is generated yet", body = super::openapi::ErrorBody),
))]
pub(super) async fn list(api: web::Data<Api>, path: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let id = id(&path)?;
    let artifact = artifact(&api, id).await?;
    let files = artifact.files.into_iter().map(|file| FileEntry { bytes: file.content.len(), path: file.path });
    let list = FileList { session_id: id.to_string(), files: files.collect(), start: artifact.start };
    Ok(HttpResponse::Ok().json(list))
}

#[utoipa::path(get, path = "/api/spawn/{id}/files/{path}", tag = "files",
    params(("id" = String, Path, description = "session id"), ("path" = String, Path, description = "as listed")), responses(
    (status = 200, description = "The file, always as plain text", content_type = "text/plain", body = String),
    (status = 404, description = "No such session or file", body = super::openapi::ErrorBody),
))]
pub(super) async fn read(api: web::Data<Api>, path: web::Path<(String, String)>) -> Result<HttpResponse, ApiError> {
    let (session, path) = path.into_inner();
    let artifact = artifact(&api, id(&session)?).await?;
    let file = artifact.files.into_iter().find(|file| file.path == path);
    let Some(file) = file else {
        return Err(ApiError::not_found("the session has no such file; see its /files for those it has"));
    };
    // Never as what it claims to be: generated HTML must not run with the engine's origin.
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(file.content))
}

#[utoipa::path(get, path = "/api/spawn/{id}/export.zip", tag = "files", params(("id" = String, Path, description = "session id")), responses(
    (status = 200, description = "All files", content_type = "application/zip", body = Vec<u8>),
    (status = 404, description = "No such session", body = super::openapi::ErrorBody),
))]
pub(super) async fn export(api: web::Data<Api>, path: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let id = id(&path)?;
    let artifact = artifact(&api, id).await?;
    let packed = web::block(move || pack(&artifact)).await.map_err(|_| ApiError::unavailable("archiver"))?;
    let bytes = packed.map_err(|error| {
        tracing::warn!(session = %id, error = %error, "an archive could not be made");
        ApiError::unavailable("archiver")
    })?;
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"spawnai-{id}.zip\"")))
        .body(bytes))
}

/// The files, and a note on how to start them. An artifact is bounded by the guard, so memory is.
fn pack(artifact: &Artifact) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().unix_permissions(0o644);
    for file in &artifact.files {
        zip.start_file(file.path.as_str(), options)?;
        zip.write_all(file.content.as_bytes())?;
    }
    if !artifact.files.iter().any(|file| file.path == "HOW-TO-RUN.txt") {
        zip.start_file("HOW-TO-RUN.txt", options)?;
        writeln!(zip, "In this folder, with bash:\n")?;
        if let Some(build) = &artifact.build {
            writeln!(zip, "  {build}")?;
        }
        writeln!(zip, "  PORT={} bash -c '{}'", artifact.port, artifact.start)?;
    }
    Ok(zip.finish()?.into_inner())
}
