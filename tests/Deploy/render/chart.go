package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/xeipuuv/gojsonschema"
	"sigs.k8s.io/yaml"
)

type chart struct {
	metadata  map[string]interface{}
	values    map[string]interface{}
	schema    []byte
	templates map[string]string
	files     files
}

func load(folder string) (*chart, error) {
	made := &chart{templates: map[string]string{}, files: files{}}
	err := filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case name == "Chart.yaml":
			return yaml.UnmarshalStrict(text, &made.metadata)
		case name == "values.yaml":
			return yaml.UnmarshalStrict(text, &made.values)
		case name == "values.schema.json":
			made.schema = text
		case strings.HasPrefix(name, "templates/"):
			made.templates[name] = string(text)
		default:
			made.files[name] = text
		}
		return nil
	})
	if err == nil && made.metadata == nil {
		err = fmt.Errorf("%s holds no Chart.yaml", folder)
	}
	return made, err
}

// coalesce lays the values of files, then those of the request, over the chart's; a null takes a default away.
func coalesce(from *chart, asked request) (map[string]interface{}, error) {
	texts := []string{}
	for _, file := range asked.Files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(text))
	}
	values := from.values
	for _, text := range append(texts, asked.Set) {
		var over map[string]interface{}
		if err := yaml.UnmarshalStrict([]byte(text), &over); err != nil {
			return nil, err
		}
		values = merge(values, over)
	}
	return values, nil
}

func merge(under, over map[string]interface{}) map[string]interface{} {
	merged := map[string]interface{}{}
	for key, value := range under {
		merged[key] = value
	}
	for key, value := range over {
		inner, isMap := value.(map[string]interface{})
		base, baseIsMap := merged[key].(map[string]interface{})
		switch {
		case value == nil:
			delete(merged, key)
		case isMap && baseIsMap:
			merged[key] = merge(base, inner)
		default:
			merged[key] = value
		}
	}
	return merged
}

// refusals are the mistakes that values.schema.json finds, one line each, in helm's own words.
func (c *chart) refusals(values map[string]interface{}) []string {
	if c.schema == nil {
		return nil
	}
	result, err := gojsonschema.Validate(gojsonschema.NewBytesLoader(c.schema), gojsonschema.NewGoLoader(values))
	if err != nil {
		return []string{"values.schema.json: " + err.Error()}
	}
	lines := []string{}
	for _, mistake := range result.Errors() {
		lines = append(lines, mistake.String())
	}
	return lines
}
