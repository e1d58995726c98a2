"""Splits a rendered overlay: Kubernetes' own kinds go to kubernetes-validate, the Prometheus Operator's to their checks."""

import json
import pathlib
import subprocess
import sys
import tempfile

import jsonschema
import yaml

validator, rendered = sys.argv[1:]


def yaml_file(content, folder):
    path = pathlib.Path(folder, f"{len(list(pathlib.Path(folder).iterdir()))}.yaml")
    path.write_text(yaml.safe_dump(content))
    return str(path)


def fires(alert):
    return f'count(ALERTS{{alertname=~"{alert}",alertstate="firing"}})'


def alert_tests(rules):
    """Each alert fires for what .ci/alerts.yaml gives it, and none for the beginnings of all that."""
    cases = yaml.safe_load(pathlib.Path(".ci/alerts.yaml").read_text())
    named = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    assert named == cases.keys(), f"alerts and .ci/alerts.yaml differ by {named ^ cases.keys()}"
    tests = [
        {
            "interval": "15s",
            "input_series": [{"series": series, "values": values} for series, values in case.items()],
            "promql_expr_test": [{"expr": fires(alert), "eval_time": "100m", "exp_samples": [{"value": 1}]}],
        }
        for alert, case in cases.items()
    ]
    quiet = {series: f"{values[0]}x400" for case in cases.values() for series, values in case.items()}
    tests.append({
        "interval": "15s",
        "input_series": [{"series": series, "values": values} for series, values in quiet.items()],
        "promql_expr_test": [{"expr": fires(".*"), "eval_time": "100m", "exp_samples": []}],
    })
    return tests

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
        with tempfile.TemporaryDirectory() as folder:
            rules = yaml_file(document["spec"], folder)
            subprocess.run(["promtool", "check", "rules", rules], check=True, stdout=subprocess.DEVNULL)
            tests = {"rule_files": [rules], "evaluation_interval": "15s", "tests": alert_tests(document["spec"])}
            subprocess.run(["promtool", "test", "rules", yaml_file(tests, folder)], check=True)
    elif document["kind"] == "ConfigMap":
        for name, text in document["data"].items():
            if name.endswith(".json"):
                json.loads(text)

print(f"{rendered}: {len(documents)} manifests are valid")
