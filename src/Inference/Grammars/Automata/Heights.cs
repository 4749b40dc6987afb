namespace AgentMesh.Inference.Grammars;

/// <summary>Finds how deep the shallowest text of each node is; nodes without any text stay at <see cref="Node.Never"/>.</summary>
internal static class Heights
{
    public static void Settle(Node root)
    {
        if (root.Settled) return;
        var found = new HashSet<Node> { root };
        var order = new List<Node> { root };
        var users = new Dictionary<Node, List<Node>>();
        for (var i = 0; i < order.Count; i++)
            foreach (var part in order[i].Parts)
            {
                if (part.Settled) continue;
                if (!users.TryGetValue(part, out var list)) users.Add(part, list = []);
                list.Add(order[i]);
                if (found.Add(part)) order.Add(part);
            }

        // From the leaves up; what is part of a circle is looked at again whenever one of its parts got shallower.
        var pending = new Stack<Node>(order);
        while (pending.TryPop(out var node))
        {
            var height = node.Measure();
            if (height >= node.Height) continue;
            node.Height = height;
            if (users.TryGetValue(node, out var list))
                foreach (var user in list) pending.Push(user);
        }

        foreach (var node in order) node.Settled = true;
    }
}
