// Command render makes Kubernetes objects of a helm chart the way helm does, with Go's own text/template and sprig,
// and says what it made as JSON. It reads one case from standard input and needs no cluster and no helm.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"

	"sigs.k8s.io/yaml"
)

// request is one render: a chart, values files laid over the chart's own, and values (YAML) laid over those.
type request struct {
	Chart       string   `json:"chart"`
	Release     string   `json:"release"`
	Namespace   string   `json:"namespace"`
	KubeVersion string   `json:"kubeVersion"`
	Files       []string `json:"files"`
	Set         string   `json:"set"`
}

// response holds either errors, as a person at helm would read them, or the objects in the order of their templates.
type response struct {
	Errors  []string      `json:"errors"`
	Objects []interface{} `json:"objects"`
	Notes   string        `json:"notes"`
}

func main() {
	var asked request
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		fmt.Fprintln(os.Stderr, "render: the request is not JSON:", err)
		os.Exit(2)
	}
	answer := render(asked)
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(1)
	}
}

func render(asked request) response {
	refused := func(err error) response { return response{Errors: []string{err.Error()}} }
	chart, err := load(asked.Chart)
	if err != nil {
		return refused(err)
	}
	values, err := coalesce(chart, asked)
	if err != nil {
		return refused(err)
	}
	if errors := chart.refusals(values); len(errors) > 0 {
		return response{Errors: errors}
	}
	texts, err := chart.execute(values, asked)
	if err != nil {
		return refused(err)
	}
	answer := response{Errors: []string{}, Objects: []interface{}{}}
	for _, name := range sorted(texts) {
		if strings.HasSuffix(name, "NOTES.txt") {
			answer.Notes = texts[name]
			continue
		}
		objects, err := documents(texts[name])
		if err != nil {
			return refused(fmt.Errorf("%s: %w", name, err))
		}
		answer.Objects = append(answer.Objects, objects...)
	}
	return answer
}

// documents reads a template's output strictly: a key that stands twice in one map is an error.
func documents(text string) ([]interface{}, error) {
	objects := []interface{}{}
	for _, part := range strings.Split("\n"+text, "\n---") {
		var object interface{}
		if err := yaml.UnmarshalStrict([]byte(part), &object); err != nil {
			return nil, fmt.Errorf("%w\n%s", err, part)
		}
		if object != nil {
			objects = append(objects, object)
		}
	}
	return objects, nil
}

func sorted(texts map[string]string) []string {
	names := make([]string, 0, len(texts))
	for name := range texts {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
