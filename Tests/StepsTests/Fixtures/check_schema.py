"""Holds workflows against the JSON Schema of the grammar: check_schema.py SCHEMA [FOLDER…].

Every workflow in valid/ and in the folders must pass. Every file in broken/ must fail, be it as YAML or by the schema, unless its first line is
`# schema: passes`: then its fault is one that no schema can express, and it must pass. Scalars are typed as YAML 1.2's
core schema does, which is what editors do. Prints what disagrees, exit code 1; exit code 77 where a module is missing.
"""

import json
import pathlib
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError:
    sys.exit(77)


class Loader(yaml.SafeLoader):
    """PyYAML resolves as YAML 1.1 did; this one as 1.2's core schema does."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern in [
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$"),
    ("null", r"^(?:~|null|Null|NULL|)$"),
    ("int", r"^[-+]?[0-9]+$|^0o[0-7]+$|^0x[0-9a-fA-F]+$"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$"),
    ("merge", r"^<<$"),
]:
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), None)


def construct_int(loader, node):
    text = loader.construct_scalar(node)
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def construct_float(loader, node):
    return float(loader.construct_scalar(node).replace(".inf", "inf").replace(".nan", "nan").lower())


Loader.add_constructor("tag:yaml.org,2002:int", construct_int)
Loader.add_constructor("tag:yaml.org,2002:float", construct_float)


def fault(validator, path):
    try:
        document = yaml.load(path.read_bytes(), Loader=Loader)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, TypeError) as error:
        return "YAML: " + str(error).splitlines()[0]
    error = jsonschema.exceptions.best_match(validator.iter_errors(document))
    return None if error is None else f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
here = pathlib.Path(__file__).parent
wrong = []
folders = [here / "valid", *map(pathlib.Path, sys.argv[2:])]
for path in sorted(path for folder in folders for path in folder.glob("*.yaml")):
    if found := fault(validator, path):
        wrong.append(f"{path.name} is valid, the schema says {found}")
for path in sorted(here.glob("broken/*.yaml")):
    passes = path.read_bytes().startswith(b"# schema: passes")
    found = fault(validator, path)
    if passes and found:
        wrong.append(f"{path.name} should pass, the schema says {found}")
    if not passes and not found:
        wrong.append(f"{path.name} is broken, the schema lets it pass")
print("\n".join(wrong))
sys.exit(1 if wrong else 0)
