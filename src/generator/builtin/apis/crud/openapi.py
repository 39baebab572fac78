"""Describes the API of schema.json to tools, as OpenAPI 3.1."""

SHAPES = {
    "string": {"type": "string", "maxLength": 500},
    "text": {"type": "string", "maxLength": 10_000},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "email": {"type": "string", "format": "email"},
    "url": {"type": "string", "format": "uri"},
}
OWN = {
    "id": {"type": "integer", "readOnly": True},
    "created_at": {"type": "string", "format": "date-time", "readOnly": True},
    "updated_at": {"type": "string", "format": "date-time", "readOnly": True},
}
ERROR = {
    "type": "object",
    "required": ["error", "code"],
    "properties": {
        "error": {"type": "string"},
        "code": {"type": "string"},
        "fields": {"type": "array", "items": {"type": "object", "properties": {
            "field": {"type": "string"}, "problem": {"type": "string"}}}},
    },
}


def describe(schema):
    paths, schemas = {}, {"Error": ERROR}
    for resource in schema["resources"]:
        name, item = resource["name"], resource["item"]
        schemas[name] = item_schema(resource)
        paths["/" + name] = {"get": listing(resource), "post": {
            "operationId": f"create_{name}", "summary": f"Create {item}", "requestBody": body(name),
            "responses": {"201": answer("Created", ref(name)), "400": refusal(), "422": refusal()}}}
        one = {"200": answer("The item", ref(name)), "404": refusal()}
        paths[f"/{name}/{{id}}"] = {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"operationId": f"get_{name}", "summary": f"Read {item}", "responses": one},
            "put": {"operationId": f"replace_{name}", "summary": f"Replace {item}", "requestBody": body(name),
                    "responses": {**one, "422": refusal()}},
            "patch": {"operationId": f"update_{name}", "summary": f"Change some fields of {item}",
                      "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
                      "responses": {**one, "422": refusal()}},
            "delete": {"operationId": f"delete_{name}", "summary": f"Delete {item}",
                       "responses": {"204": {"description": "Deleted"}, "404": refusal()}},
        }
    return {"openapi": "3.1.0", "info": {"title": schema["title"], "version": "1.0.0"}, "paths": paths,
            "components": {"schemas": schemas}}


def item_schema(resource):
    properties = dict(OWN)
    for field in resource["fields"]:
        shape = dict(SHAPES[field["type"]])
        if not field["required"]:
            shape["type"] = [shape["type"], "null"]
        properties[field["name"]] = shape
    return {"type": "object", "properties": properties,
            "required": [field["name"] for field in resource["fields"] if field["required"]]}


def listing(resource):
    numbers = [("limit", {"type": "integer", "minimum": 1, "maximum": 100}), ("offset", {"type": "integer", "minimum": 0})]
    texts = [(name, {"type": "string"}) for name in ["sort", "q"] + [field["name"] for field in resource["fields"]]]
    page = {"type": "object", "properties": {
        "items": {"type": "array", "items": ref(resource["name"])}, "total": {"type": "integer"},
        "limit": {"type": "integer"}, "offset": {"type": "integer"}}}
    return {"operationId": f"list_{resource['name']}", "summary": f"List {resource['name']}",
            "parameters": [{"name": name, "in": "query", "schema": shape} for name, shape in numbers + texts],
            "responses": {"200": answer("One page", page), "400": refusal()}}


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def body(name):
    return {"required": True, "content": {"application/json": {"schema": ref(name)}}}


def answer(text, schema):
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def refusal():
    return answer("Refused", ref("Error"))
