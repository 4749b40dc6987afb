namespace AgentMesh.TinyModels;

/// <summary>What the vocabularies are learnt from: the kinds of text that agents read and write.</summary>
internal static class Corpus
{
    public const string Text =
        """
        The customer wrote that the invoice from March was paid twice and asks for the second payment to be returned.
        Please answer in a friendly tone, name the number of the ticket and say when the money will arrive.
        An agent reads the message, finds the category, looks for passages in the handbook and writes a reply that quotes them.
        The plan has four steps: classify the message, retrieve the passages, analyse the account, and write the answer.
        If the order is late, the system should open a ticket with high priority and tell the person who owns the account.
        You are a helpful assistant. You are given tools and you must return the arguments as one object.
        { "name": "create_ticket", "arguments": { "title": "Payment returned", "priority": "high", "tags": [ "billing", "refund" ] } }
        { "category": "billing", "confidence": 0.92, "reason": "The message names an invoice and a payment." }
        { "steps": [ { "id": "s1", "role": "classifier", "inputs": [], "needs": null }, { "id": "s2", "role": "writer", "inputs": [ "s1" ], "done": false } ] }
        Rechnungen werden innerhalb von vierzehn Tagen bezahlt; über Änderungen informieren wir Sie rechtzeitig.
        La réponse est envoyée à l'adresse du client dès que le remboursement a été validé.
        Numbers such as 2024, 1,299.00, 17.5 % and 0049 30 123456 appear in many messages, as do dates like 2026-11-21 and times like 14:30.
        What happened? When did it happen? Who saw it? Why was the service slow, and how can we make it better for everyone?
        The server answered with an error, so the worker tried again after a second, then after two, then gave the task back.
        In the morning the team looks at the open tickets; in the afternoon they write to the customers who still wait for an answer.
        """;
}
