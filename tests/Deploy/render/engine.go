package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

// files is what a template sees as .Files.
type files map[string][]byte

func (f files) Get(name string) string { return string(f[name]) }

func (f files) Glob(pattern string) files {
	found := files{}
	for name, text := range f {
		if matched, err := path.Match(pattern, name); err == nil && matched {
			found[name] = text
		}
	}
	return found
}

// versions is what a template sees as .Capabilities.APIVersions: a cluster without extensions.
type versions []string

func (v versions) Has(name string) bool {
	for _, known := range v {
		if known == name {
			return true
		}
	}
	return false
}

func (c *chart) execute(values map[string]interface{}, asked request) (map[string]string, error) {
	engine := template.New("chart").Option("missingkey=zero")
	engine.Funcs(functions(engine))
	for name, text := range c.templates {
		if _, err := engine.New(name).Parse(text); err != nil {
			return nil, err
		}
	}
	world := map[string]interface{}{
		"Values": values,
		"Chart":  titled(c.metadata),
		"Files":  c.files,
		"Release": map[string]interface{}{
			"Name": asked.Release, "Namespace": asked.Namespace, "Service": "Helm", "Revision": 1, "IsInstall": true, "IsUpgrade": false,
		},
		"Capabilities": map[string]interface{}{
			"KubeVersion": map[string]interface{}{"Version": "v" + asked.KubeVersion, "GitVersion": "v" + asked.KubeVersion},
			"APIVersions": versions{"v1", "apps/v1", "batch/v1", "autoscaling/v2", "policy/v1", "networking.k8s.io/v1"},
		},
	}
	texts := map[string]string{}
	for _, name := range sorted(c.templates) {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		world["Template"] = map[string]interface{}{"Name": name, "BasePath": "templates"}
		var out bytes.Buffer
		if err := engine.ExecuteTemplate(&out, name, world); err != nil {
			return nil, err
		}
		texts[name] = out.String()
	}
	// Helm blanks a missing value; here it is a mistake of the chart, unless one of its rules has refused the values.
	for _, name := range sorted(texts) {
		if strings.Contains(texts[name], "<no value>") {
			return nil, fmt.Errorf("%s uses a value that does not exist", name)
		}
	}
	return texts, nil
}

// functions are sprig's without those that read the machine, and what helm adds to them.
func functions(engine *template.Template) template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	all["include"] = func(name string, data interface{}) (string, error) {
		var out strings.Builder
		err := engine.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	all["tpl"] = func(text string, data interface{}) (string, error) {
		clone, err := engine.Clone()
		if err != nil {
			return "", err
		}
		clone.Funcs(functions(clone))
		parsed, err := clone.New("tpl").Parse(text)
		if err != nil {
			return "", err
		}
		var out strings.Builder
		err = parsed.Execute(&out, data)
		return out.String(), err
	}
	all["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, errors.New(message)
		}
		return value, nil
	}
	all["fail"] = func(message string) (string, error) { return "", errors.New(message) }
	all["lookup"] = func(string, string, string, string) map[string]interface{} { return map[string]interface{}{} }
	all["toYaml"] = func(value interface{}) (string, error) {
		text, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n"), err
	}
	all["fromYaml"] = func(text string) (value map[string]interface{}, err error) {
		err = yaml.Unmarshal([]byte(text), &value)
		return value, err
	}
	all["fromYamlArray"] = func(text string) (value []interface{}, err error) {
		err = yaml.Unmarshal([]byte(text), &value)
		return value, err
	}
	all["toJson"] = func(value interface{}) (string, error) {
		text, err := json.Marshal(value)
		return string(text), err
	}
	all["fromJson"] = func(text string) (value map[string]interface{}, err error) {
		err = json.Unmarshal([]byte(text), &value)
		return value, err
	}
	return all
}

// titled gives Chart.yaml's keys the capital that templates use: appVersion is .Chart.AppVersion.
func titled(metadata map[string]interface{}) map[string]interface{} {
	made := map[string]interface{}{}
	for key, value := range metadata {
		made[strings.ToUpper(key[:1])+key[1:]] = value
	}
	return made
}
