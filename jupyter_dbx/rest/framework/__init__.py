"""What all endpoints share: how they are declared, called and described.

An endpoint is an async function from a `Call` and annotated arguments to an answer. `endpoint.py` reads its arguments leniently
by their types. `openapi.py` describes arguments and answers by the same types, so the description is always accurate.
`handler.py` does what is the same for all requests: authentication, reading the body, dispatch and the error envelope.

Answers are msgspec structs (`model/answers`). Of the libraries for this, msgspec has no dependencies and adds 3 ms to the start
of a kernel. It omits UNSET fields and writes None as null, a difference that matters to Databricks' clients. It decodes leniently
(strings as numbers, unknown and missing fields), and it generates JSON Schema. Three things do not use it:

* Requests are read by `model/wire.py`, which is more lenient than any library (a list of one as a single value, "True") and
  whose errors name the field.
* Answers are encoded by `answer.to_json` and the standard `json`, because a cluster contains arbitrary fields of its spec.
* Documents of the store and messages of the driver use the codec of `model/wire.py`, which reports unknown fields.

May import `model`, `managers`, jupyter_server, msgspec and tornado, but no endpoint.
"""
