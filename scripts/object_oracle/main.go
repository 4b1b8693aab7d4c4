// Command object_oracle answers for a schema and an object what the API server's own code says of it: the
// decoder's error, the fields dropped, the errors of a create or an update, the object after pruning and defaulting.
//
// JSON lines in: {"schema", "obj", "old", "sub", "scale"}; the kind is example.com/v1 Widget, namespaced, and sub
// "status" makes the update one of the status. JSON lines out: {"err", "unknown", "errors", "stored"}.
//
//	go mod init object_oracle && go get k8s.io/apiextensions-apiserver@v0.36.1 && go build .
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

type question struct {
	Schema, Obj, Old json.RawMessage
	Sub              string
	Scale            *apiextensions.CustomResourceSubresourceScale
}

type finding struct {
	Field  string `json:"field"`
	Type   string `json:"type"`
	Detail string `json:"detail"`
	Value  any    `json:"value"`
}

type answer struct {
	Err     string         `json:"err,omitempty"`
	Schema  string         `json:"schema,omitempty"`
	Unknown []string       `json:"unknown,omitempty"`
	Errors  []finding      `json:"errors,omitempty"`
	Stored  map[string]any `json:"stored,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			out.Encode(answer{Schema: err.Error()})
			continue
		}
		out.Encode(judge(asked))
	}
}

func judge(asked question) (told answer) {
	defer func() {
		if r := recover(); r != nil {
			told = answer{Schema: fmt.Sprint("panic: ", r)}
		}
	}()
	var external apiextensionsv1.JSONSchemaProps
	var props apiextensions.JSONSchemaProps
	if err := json.Unmarshal(asked.Schema, &external); err != nil {
		return answer{Schema: err.Error()}
	}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&external, &props, nil); err != nil {
		return answer{Schema: err.Error()}
	}
	structural, err := schema.NewStructural(&props)
	if err != nil {
		return answer{Schema: err.Error()}
	}
	validator, _, err := validation.NewSchemaValidator(&props)
	if err != nil {
		return answer{Schema: err.Error()}
	}
	var statusValidator validation.SchemaValidator
	if status, ok := props.Properties["status"]; ok {
		if statusValidator, _, err = validation.NewSchemaValidator(&status); err != nil {
			return answer{Schema: err.Error()}
		}
	}
	kind := runtimeschema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Widget"}
	strategy := customresource.NewStrategy(nil, true, kind, validator, statusValidator, structural, nil, asked.Scale, nil)
	obj, unknown, err := read(asked.Obj, structural)
	if err != nil {
		return answer{Err: err.Error()}
	}
	told.Unknown, told.Stored = unknown, obj
	var errs field.ErrorList
	if len(asked.Old) == 0 || string(asked.Old) == "null" {
		errs = strategy.Validate(context.Background(), &unstructured.Unstructured{Object: obj})
	} else {
		old, _, err := read(asked.Old, structural)
		if err != nil {
			return answer{Err: err.Error()}
		}
		newObj, oldObj := &unstructured.Unstructured{Object: obj}, &unstructured.Unstructured{Object: old}
		if asked.Sub == "status" {
			errs = customresource.NewStatusStrategy(strategy).ValidateUpdate(context.Background(), newObj, oldObj)
		} else {
			errs = strategy.ValidateUpdate(context.Background(), newObj, oldObj)
		}
	}
	for _, e := range errs {
		told.Errors = append(told.Errors, finding{e.Field, string(e.Type), e.Detail, e.BadValue})
	}
	return told
}

func read(data []byte, structural *schema.Structural) (map[string]any, []string, error) {
	var obj map[string]any
	if err := utiljson.Unmarshal(data, &obj); err != nil {
		return nil, nil, err
	}
	strict := objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true}
	meta, found, unknown, err := objectmeta.GetObjectMetaWithOptions(obj, strict)
	if err != nil {
		return nil, nil, err
	}
	track := schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	unknown = append(unknown, pruning.PruneWithOptions(obj, structural, true, track)...)
	defaulting.PruneNonNullableNullsWithoutDefaults(obj, structural)
	coerce := objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true}
	fieldErr, more := objectmeta.CoerceWithOptions(nil, obj, structural, false, coerce)
	if fieldErr != nil {
		return nil, nil, fieldErr
	}
	if found {
		if err := objectmeta.SetObjectMeta(obj, meta); err != nil {
			return nil, nil, err
		}
	}
	defaulting.Default(obj, structural)
	return obj, append(unknown, more...), nil
}
