using System.Text;
using AgentMesh.TinyModels;
using static AgentMesh.Inference.Tests.LlamaCpp.Models;

namespace AgentMesh.Inference.Tests.LlamaCpp;

public sealed class TokenizerTests
{
    [Theory]
    [InlineData("The invoice from March was paid twice.")]
    [InlineData("{ \"name\": \"create_ticket\", \"arguments\": { \"priority\": \"high\" } }")]
    [InlineData("Änderungen, à l'adresse, 你好, 😀 and \t\r\n   spaces  ")]
    [InlineData("<|im_start|>user<|im_end|>")]
    [InlineData("\u0001\u0007~")]
    public void A_text_is_its_tokens_bytes(string text)
    {
        var tokenizer = Tiny.Tokenizer;
        var tokens = tokenizer.Tokenize(text, special: false, start: false);
        Assert.Equal(text, Encoding.UTF8.GetString([.. tokens.SelectMany(t => tokenizer.Bytes(t).ToArray())]));
        Assert.DoesNotContain(tokens, tokenizer.IsControl);
    }

    [Fact]
    public void Merges_that_were_learnt_are_used()
    {
        var text = "Please answer the customer in a friendly tone.";
        Assert.InRange(Tiny.Tokenizer.Tokenize(text, special: false, start: false).Count, 5, text.Length / 3);
    }

    [Fact]
    public void Control_tokens_in_a_text_count_only_where_it_is_a_template()
    {
        var tokenizer = Tiny.Tokenizer;
        Assert.Equal([1, .. tokenizer.Tokenize("user", special: false, start: false), 2], tokenizer.Tokenize("<|im_start|>user<|im_end|>", special: true, start: false));
        Assert.True(tokenizer.IsControl(1));
        Assert.True(tokenizer.IsControl(2));
        Assert.False(tokenizer.IsControl(3));
        Assert.Empty(tokenizer.Bytes(1).ToArray());
        Assert.True(tokenizer.IsEnd(2));
        Assert.False(tokenizer.IsEnd(300));
        Assert.Equal((1, 2, 1024), (tokenizer.Begin, tokenizer.End, tokenizer.Size));
    }

    [Fact]
    public void Every_byte_has_a_token_and_every_token_bytes()
    {
        var tokenizer = Tiny.Tokenizer;
        var single = Enumerable.Range(0, tokenizer.Size).Where(t => tokenizer.Bytes(t).Length == 1).Select(t => (int)tokenizer.Bytes(t)[0]).ToHashSet();
        Assert.Equal(256, single.Count);
        Assert.Equal(Enumerable.Range(0, 3), Enumerable.Range(0, tokenizer.Size).Where(t => tokenizer.Bytes(t).IsEmpty));
        Assert.Empty(tokenizer.Tokenize("", special: true, start: false));
    }

    [Fact]
    public async Task Threads_may_share_it()
    {
        var tokenizer = Tiny.Tokenizer;
        var expected = tokenizer.Tokenize(TinyModel.ChatTemplate, special: false, start: false);
        await Parallel.ForAsync(0, 50, TestContext.Current.CancellationToken, (_, _) =>
        {
            Assert.Equal(expected, tokenizer.Tokenize(TinyModel.ChatTemplate, special: false, start: false));
            return ValueTask.CompletedTask;
        });
    }
}
