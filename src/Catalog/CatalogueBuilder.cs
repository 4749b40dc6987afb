using AgentMesh.Catalog.Yaml;
using AgentMesh.Contracts;

namespace AgentMesh.Catalog;

/// <summary>A catalogue and what was found while it was built.</summary>
/// <param name="Diagnostics">Files with errors are left out of the catalogue.</param>
/// <param name="Origins"><c>role:NAME</c> or <c>playbook:NAME</c> → the file it came from, or <c>built-in</c>.</param>
public sealed record CatalogueBuild(MeshCatalogue Catalogue, IReadOnlyList<Diagnostic> Diagnostics, IReadOnlyDictionary<string, string> Origins);

/// <summary>Puts the catalogue together: built-in kinds, roles and playbooks, then the user's, which replace built-in ones of the same name.</summary>
public static class CatalogueBuilder
{
    /// <summary>The JSON Schema of role files, for editors.</summary>
    public static string RoleSchema => Builtin.Text("schemas/role.schema.json");

    /// <exception cref="CatalogueException">A user's file has errors; the message names each with file, line and reason.</exception>
    public static MeshCatalogue Build(IEnumerable<ToolDescriptor> tools, CatalogueFolders folders)
    {
        var build = Load(tools, folders);
        var errors = build.Diagnostics.Where(d => d.Severity == Severity.Error).ToList();
        return errors.Count == 0 ? build.Catalogue : throw new CatalogueException(errors);
    }

    /// <summary>Like <see cref="Build"/>, but leaves out files with errors instead of throwing.</summary>
    public static CatalogueBuild Load(IEnumerable<ToolDescriptor> tools, CatalogueFolders folders)
    {
        var assembly = new Assembly(tools);
        assembly.AddKinds(Builtin.Text("builtin/kinds.yaml"), "builtin/kinds.yaml");
        assembly.AddRoles([.. Builtin.Files("roles").Select(f => (f, Builtin.Text(f)))], builtin: true);
        assembly.AddRoles(assembly.Read(folders.Roles), builtin: false);
        assembly.AddPlaybooks([.. Builtin.Files("playbooks").Select(f => (f, Builtin.Text(f)))], builtin: true);
        assembly.AddPlaybooks(assembly.Read(folders.Playbooks), builtin: false);
        return new CatalogueBuild(assembly.Catalogue, assembly.Diagnostics, assembly.Origins);
    }

    private sealed class Assembly(IEnumerable<ToolDescriptor> tools)
    {
        private readonly Dictionary<string, ToolDescriptor> _tools = tools.ToDictionary(t => t.Name, StringComparer.Ordinal);
        private readonly SortedDictionary<string, ArtifactKind> _kinds = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, RoleDescriptor> _roles = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, Playbook> _playbooks = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> _origins = new(StringComparer.Ordinal);
        private readonly List<Diagnostic> _diagnostics = [];

        public MeshCatalogue Catalogue => new() { Roles = _roles, Tools = _tools, Kinds = _kinds, Playbooks = _playbooks };
        public IReadOnlyList<Diagnostic> Diagnostics => _diagnostics;
        public IReadOnlyDictionary<string, string> Origins => _origins;

        public IReadOnlyList<(string File, string Text)> Read(string folder)
        {
            List<(string, string)> read = [];
            foreach (var file in CatalogueFiles.In(folder))
            {
                if (CatalogueFiles.Read(file, out var problem) is { } text) read.Add((file, text));
                else _diagnostics.Add(problem!);
            }

            return read;
        }

        public void AddKinds(string text, string file)
        {
            var bag = new DiagnosticBag(file);
            if (YamlReader.Read(text, bag) is { } node)
                foreach (var kind in KindReader.Read(node, bag)) _kinds[kind.Name] = kind;
            _diagnostics.AddRange(bag.Found);
        }

        // All files are read before any is resolved: a role may use a kind that another one brings.
        public void AddRoles(IReadOnlyList<(string File, string Text)> files, bool builtin)
        {
            List<DiagnosticBag> bags = [];
            List<RoleFile> read = [];
            foreach (var (file, text) in files)
            {
                var bag = new DiagnosticBag(file);
                bags.Add(bag);
                if (RoleReader.Read(text, bag) is { } role && !bag.HasErrors) read.Add(role);
            }

            foreach (var kind in read.SelectMany(r => r.Kinds)) _kinds[kind.Name] = kind;
            foreach (var file in read)
            {
                var role = RoleReader.Resolve(file, _tools, _kinds.Keys, lenient: builtin);
                if (file.Bag.HasErrors) continue;
                Note("role", role.Name, file.Bag, file.Map, builtin);
                _roles[role.Name] = role;
            }

            _diagnostics.AddRange(bags.SelectMany(b => b.Found));
        }

        public void AddPlaybooks(IReadOnlyList<(string File, string Text)> files, bool builtin)
        {
            foreach (var (file, text) in files)
            {
                var bag = new DiagnosticBag(file);
                if (PlaybookReader.Read(text, bag) is { } read && !bag.HasErrors)
                {
                    var playbook = PlaybookCheck.Check(read, Catalogue, lenient: builtin);
                    if (!bag.HasErrors)
                    {
                        Note("playbook", playbook.Name, bag, read.Map, builtin);
                        _playbooks[playbook.Name] = playbook;
                    }
                }

                _diagnostics.AddRange(bag.Found);
            }
        }

        private void Note(string what, string name, DiagnosticBag bag, YamlMap map, bool builtin)
        {
            var key = $"{what}:{name}";
            if (_origins.TryGetValue(key, out var before) && before != Builtin.Origin)
                bag.Warning(map["name"] ?? map, $"The {what} '{name}' is also in {before}; this file replaces it.");
            _origins[key] = builtin ? Builtin.Origin : bag.File;
        }
    }
}
