"""Splits a rendered overlay: Kubernetes' own kinds go to kubernetes-validate, the Prometheus Operator's to their checks."""

import json
import pathlib
import subprocess
import sys
import tempfile

import jsonschema
import yaml

validator, rendered = sys.argv[1:]
documents = [document for document in yaml.safe_load_all(pathlib.Path(rendered).read_text()) if document]
core = [document for document in documents if not document["apiVersion"].startswith("monitoring.coreos.com/")]

with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
    yaml.safe_dump_all(core, file)
    file.flush()
    subprocess.run([validator, "--strict", "--quiet", file.name], check=True)

for document in documents:
    if document["kind"] == "ServiceMonitor":
        schema = json.loads(pathlib.Path(".ci/schemas/servicemonitor.json").read_text())
        jsonschema.validate(document, schema)
    elif document["kind"] == "PrometheusRule":
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump(document["spec"], file)
            file.flush()
            subprocess.run(["promtool", "check", "rules", file.name], check=True, stdout=subprocess.DEVNULL)
    elif document["kind"] == "ConfigMap":
        for name, text in document["data"].items():
            if name.endswith(".json"):
                json.loads(text)

print(f"{rendered}: {len(documents)} manifests are valid")
