"""The reference page of the concise form: its words come from the tables that the reader works by.

Every block of YAML on the page is compiled by a test: a whole document, or fields of a spec.
"""

from __future__ import annotations

from opgen.schema.concise.expressions import SIMPLE
from opgen.schema.concise.keys import COLUMN, FIELD, RULE, SCALE, TOP, VERSION, Key

INTRODUCTION = """\
# The concise schema

<!-- Written by scripts/generated.py from scripts/concise_reference.py and opgen/schema/concise: change it there. -->

One YAML document describes one kind. A field is a type, or a mapping of constraints that are named as in OpenAPI;
the fields of an object stand under `fields`, so a field may be called `type` or `default`.

```yaml
group: demo.example.com
kind: Widget
versions:
- name: v1alpha1
  printerColumns: {Age: .metadata.creationTimestamp}
  spec:
    image: string!                       # ! = must be set
    replicas: {type: integer, default: 1, minimum: 0, maximum: 100}
    labels: map<string>
    ports: {type: list, items: {fields: {name: string!, port: integer!}}, mapKeys: [name]}
    template: {ref: core/v1.PodTemplateSpec}
    tls: {fields: {secretName: string, issuerRef: string}, exactlyOneOf: [secretName, issuerRef]}
    raw: {openapi: {type: object, x-kubernetes-preserve-unknown-fields: true}}
  status:
    conditions: list<meta/v1.Condition>
  rules: [self.spec.replicas <= 10]
```

A file with one version may say `version: v1alpha1` and have `spec` and `status` at the top. Several files may describe
versions of one kind: exactly one version is stored, the one with `storage: true`, else the only one that says nothing.
Whatever is the kind's (scope, names, short names, categories, labels, annotations) must agree where several files say
it. `opgen compile`, `validate --crd` and `diff` put such files together as `generate` does.

- Objects must have a `spec` where the version declares one; a kind may do without. `status` switches the status
  subresource on. Lists of `meta/v1.Condition` are keyed by `type`.
- `immutable: true` also refuses that an optional field is removed once it is set.
- `object` alone is refused: it would store nothing. Use `fields`, `map<T>` or `any`.
- YAML is read as Kubernetes reads it: `y`, `yes`, `on` are booleans. Quote them; a key of that kind is warned about.

Begin with an object that you have: `opgen schema from-example widget.yaml` writes such a document, to be edited.

## In an editor

`opgen create api` begins a schema with a line that names the language's own JSON Schema, which `opgen generate` keeps
in the project (`config/schemas/concise-schema.json`): editors that know YAML schemas complete words, show what they
mean and underline what is wrong, without a network. Elsewhere: `opgen schema language > concise-schema.json`.

```yaml
# yaml-language-server: $schema=../../config/schemas/concise-schema.json
group: demo.example.com
kind: Widget
version: v1
spec: {size: integer}
```
"""

TYPES = """
## Types

{types}; `list<T>`, `set<T>` (of scalars), `map<T>`; Kubernetes' own by API and name: `core/v1.PodTemplateSpec`,
`meta/v1.LabelSelector`, `apps/v1.DeploymentSpec`. `!` behind a type: the field must be set.

```yaml
name: string!
count: integer
small: int
port: int32
total: int64
ratio: number
factor: float
precise: double
enabled: boolean
verbose: bool
checksum: bytes           # base64
birthday: date            # 2026-01-31
started: time             # 2026-01-31T12:00:00Z
timeout: duration         # 1h30m: a text, which the operator reads
memory: quantity          # 128Mi, 0.5, 100m
target: int-or-string     # 80 or http
anything: any             # kept as it is, unchecked
arguments: list<string>
zones: set<string>
limits: map<quantity>
matrix: list<list<number>>
```

- `date`, `time` and `bytes` are checked by the API server. `duration` is not: the server's own format of that name
  takes other spellings than Go and Python do.
- `list<T>` and `map<T>` nest, `!` stands at the very end.
- A field takes null only with `nullable: true`.

### Kubernetes' own types

```yaml
template: core/v1.PodTemplateSpec
selector: meta/v1.LabelSelector
strategy: {ref: apps/v1.DeploymentStrategy}
resources: {ref: core/v1.ResourceRequirements, descriptions: 120}
volumes: {type: list, items: {ref: core/v1.Volume}, mapKeys: [name]}
password: core/v1.SecretKeySelector
```

They are written out in the definition, with defaults and list types, so that the API server checks them. Models import
the built-in class where the structure alone tells which type it is, in whichever form the schema was written;
where two types look alike, as a Secret's and a ConfigMap's key selector do, the field has a class of its own.
"""

FIELDS = """
### Constraints

```yaml
size:
  type: integer
  required: true          # as `integer!`
  title: Size
  description: How many there should be.
  minimum: 0
  exclusiveMinimum: true  # more than 0
  maximum: 100
  exclusiveMaximum: false
  multipleOf: 5
  default: 10
  example: 20
engine:
  enum: [postgres, mysql] # texts, so the type may be left out
host: {type: string, format: hostname, minLength: 1, maxLength: 253}
code: {type: string, pattern: '^[A-Z]{3}$', nullable: true}
```

### Lists and maps

```yaml
tags: {type: list, items: string, listType: set, minItems: 1, maxItems: 10}
rules: {items: {type: string, maxLength: 20}, listType: atomic}
ports:
  type: list
  mapKeys: [name, protocol]          # an item is known by these fields
  items:
    fields:
      name: string!
      protocol: {type: string, enum: [TCP, UDP], default: TCP}
      port: {type: integer!, minimum: 1, maximum: 65535}
labels: {type: map, values: {type: string, maxLength: 63}, minProperties: 1, maxProperties: 20}
options: {values: any, mapType: atomic}
```

### Objects

```yaml
tls:
  required: [secretName]             # which of its fields must be set
  fields:
    secretName: string
    minVersion: {type: string, default: '1.2'}
    options: {fields: {ciphers: list<string>}, preserveUnknownFields: true}
manifest: {embeddedResource: true, preserveUnknownFields: true}  # a whole Kubernetes object
settings: {type: object, preserveUnknownFields: true}
endpoint: {fields: {host: string, port: integer}, mapType: atomic}
source:
  fields: {git: string, image: string, path: string}
  exactlyOneOf: [git, image, path]
auth:
  fields: {token: string, password: string, user: string, group: string}
  atMostOneOf: [[token, password], [user, group]]   # two such sets
  atLeastOneOf: [token, password]
```

`exactlyOneOf`, `atMostOneOf` and `atLeastOneOf` become CEL rules with a message of their own;
junctors where a field has no type or a name that CEL can't spell. Such a field can't be `immutable`.

### Rules

```yaml
name:
  type: string
  maxLength: 63
  immutable: true
  rules: [{rule: self != 'default', messageExpression: "self + ' is taken'"}]
replicas: {type: integer, minimum: 0, maximum: 50, rules: [self != 13]}
window:
  fields: {start: integer, end: integer}
  rules:
  - rule: "!has(self.start) || !has(self.end) || self.start <= self.end"
    message: start must not be after end
    reason: FieldValueInvalid
    fieldPath: .start
  - {rule: '!oldSelf.hasValue() || self == oldSelf.value()', optionalOldSelf: true, message: the window is fixed}
```

A rule below a list or map wants `maxItems`, `maxProperties` and `maxLength`, or the API server finds it too expensive.

### Descriptions

Descriptions are most of a definition's size. `descriptions:` says how many of them a field and all below it keep:
`true` (all), `false` (none), or a number of characters; each is then cut to the whole sentences that fit.

```yaml
template: {ref: core/v1.PodTemplateSpec, descriptions: 80}
container: {ref: core/v1.Container, descriptions: true}
advanced:
  descriptions: false
  fields:
    level: {type: integer, description: Seen in this file alone.}
```

A budget says when it is too much: `opgen create api --size-budget 200KiB` keeps one in PROJECT, as `sizeBudget` of the
kind under `plugins:`, where it may be changed. Each `opgen generate` then fails on a larger CRD, nothing written, and
says which built-in types and how many descriptions make it so. A CRD's bytes are those of its JSON, all versions
together, for that is what `kubectl apply` keeps in an annotation of at most 256 KiB; `--size-budget` of `opgen
generate` counts in place of what PROJECT says, for that run.

### The escape hatch

```yaml
raw: {openapi: {type: string, oneOf: [{format: ipv4}, {format: ipv6}]}, description: An address.}
```

What the language has no word for is written in OpenAPI form, as in a definition.
"""

DOCUMENT = """
### All of a document

```yaml
group: demo.example.com
kind: Gadget
plural: gadgets
singular: gadget
listKind: GadgetList
shortNames: [gd]
categories: [all]
scope: Cluster
labels: {app.kubernetes.io/part-of: demo}
annotations: {example.com/owner: team-a}
versions:
- name: v1
  served: true
  storage: true
  description: Something that can be scaled.
  descriptions: 200
  printerColumns:
    Replicas: {jsonPath: .spec.replicas, type: integer, description: How many., priority: 1}
    Share: {jsonPath: .status.share, type: number, format: float}
    Ready: .status.conditions[?(@.type=="Ready")].status
    Age: .metadata.creationTimestamp
  scale:
    specReplicasPath: .spec.replicas
    statusReplicasPath: .status.replicas
    labelSelectorPath: .status.selector
  selectableFields: [.spec.color]
  spec:
    color: string!
    replicas: {type: integer, minimum: 0, default: 1}
    minReplicas: integer
  specConstraints:
    description: What is wanted.
    rules: ["!has(self.minReplicas) || self.minReplicas <= self.replicas"]
  status:
    replicas: integer
    share: number
    selector: string
    conditions: list<meta/v1.Condition>
  statusConstraints: {description: What is there.}
  rules:
  - {rule: self.metadata.name.size() <= 20, message: the name is too long}
- name: v1alpha1
  storage: false
  deprecated: true
  deprecationWarning: use v1
  openapi:
    type: object
    properties:
      spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
```
"""


def table(title: str, keys: dict[str, Key]) -> str:
    rows = "".join(f"| `{name}` | {key.takes} | {key.help} |\n" for name, key in keys.items())
    return f"\n## {title}\n\n| key | takes | meaning |\n|---|---|---|\n{rows}"


def words(keys: tuple[str, ...]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


def page() -> str:
    types = ", ".join(f"`{name}`" for name in SIMPLE)
    return (
        INTRODUCTION
        + TYPES.replace("{types}", types)
        + table("The document", TOP)
        + table("A version", VERSION)
        + f"\nA column takes {words(COLUMN)}; `scale` takes {words(SCALE)}.\n"
        + DOCUMENT
        + table("A field", FIELD)
        + f"\nA rule is a CEL text, or takes {words(RULE)}.\n"
        + FIELDS
    )
