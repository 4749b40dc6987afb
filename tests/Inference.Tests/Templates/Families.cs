namespace AgentMesh.Inference.Tests.Templates;

/// <summary>Templates of our own in the shape of the public families, small enough to work out their prompts by hand.</summary>
internal static class Families
{
    /// <summary>ChatML with tools as Hermes and Qwen have them.</summary>
    public const string Hermes = """
        {%- set first = messages[0] %}
        {%- if tools or first.role == 'system' %}
            {{- '<|im_start|>system\n' }}
            {%- if first.role == 'system' %}{{ first.content }}{% endif %}
            {%- if tools %}
                {{- '\n<tools>' }}
                {%- for tool in tools %}{{ '\n' }}{{ tool | tojson }}{% endfor %}
                {{- '\n</tools>\nAnswer calls inside of <tool_call></tool_call>.' }}
            {%- endif %}
            {{- '<|im_end|>\n' }}
        {%- endif %}
        {%- for message in messages %}
            {%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
                {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>' + '\n' }}
            {%- elif message.role == 'assistant' %}
                {{- '<|im_start|>assistant' }}
                {%- if message.content %}{{ '\n' + message.content }}{% endif %}
                {%- for call in message.tool_calls or [] %}
                    {{- '\n<tool_call>\n{"name": "' ~ call.function.name ~ '", "arguments": ' ~ call.function.arguments | tojson ~ '}\n</tool_call>' }}
                {%- endfor %}
                {{- '<|im_end|>\n' }}
            {%- elif message.role == 'tool' %}
                {%- if loop.previtem.role != 'tool' %}{{ '<|im_start|>user' }}{% endif %}
                {{- '\n<tool_response>\n' + message.content + '\n</tool_response>' }}
                {%- if loop.last or loop.nextitem.role != 'tool' %}{{ '<|im_end|>\n' }}{% endif %}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\n' }}
            {%- if enable_thinking is defined and enable_thinking is false %}{{ '<think>\n\n</think>\n\n' }}{% endif %}
        {%- endif %}
        """;

    /// <summary>Headers, one call at a time, results under another role: Llama 3.</summary>
    public const string Llama = """
        {{- bos_token }}
        {%- if messages[0]['role'] == 'system' %}
            {%- set system = messages[0]['content'] | trim %}
            {%- set messages = messages[1:] %}
        {%- else %}
            {%- set system = '' %}
        {%- endif %}
        {{- "<|start_header_id|>system<|end_header_id|>\n\nToday Date: " + strftime_now("%d %b %Y") + "\n\n" }}
        {%- for t in tools or [] %}
            {{- t | tojson(indent=4) + "\n\n" }}
        {%- endfor %}
        {{- system + "<|eot_id|>" }}
        {%- for message in messages %}
            {%- if 'tool_calls' in message %}
                {%- if message.tool_calls | length != 1 %}{{ raise_exception("only single tool-calls") }}{% endif %}
                {%- set call = message.tool_calls[0].function %}
                {{- '<|start_header_id|>assistant<|end_header_id|>\n\n{"name": "' + call.name + '", "parameters": ' + (call.arguments | tojson) + "}<|eot_id|>" }}
            {%- elif message.role in ['tool', 'ipython'] %}
                {{- "<|start_header_id|>ipython<|end_header_id|>\n\n" + (message.content if message.content is string else message.content | tojson) + "<|eot_id|>" }}
            {%- else %}
                {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}
        """;

    /// <summary>Brackets, strict turns, ids of nine characters: Mistral.</summary>
    public const string Mistral = """
        {{- bos_token }}
        {%- if messages[0].role == "system" %}{% set sys = messages[0].content %}{% set rest = messages[1:] %}{% else %}{% set rest = messages %}{% endif %}
        {%- set ns = namespace(index=0) %}
        {%- for m in rest if m.role in ("user", "assistant") and not m.tool_calls %}
            {%- if (m.role == "user") != (ns.index % 2 == 0) %}{{ raise_exception("roles must alternate") }}{% endif %}
            {%- set ns.index = ns.index + 1 %}
        {%- endfor %}
        {%- for m in rest %}
            {%- if m.role == "user" %}
                {%- if tools and loop.last or tools and (rest[loop.index:] | selectattr("role", "equalto", "user") | list | length) == 0 %}{{ "[AVAILABLE_TOOLS]" + (tools | tojson) + "[/AVAILABLE_TOOLS]" }}{% endif %}
                {{- "[INST]" + (sys + "\n\n" if sys is defined and loop.last else "") + m.content + "[/INST]" }}
            {%- elif m.tool_calls %}
                {{- "[TOOL_CALLS][" }}
                {%- for c in m.tool_calls %}
                    {%- if c.id | length != 9 %}{{ raise_exception("ids have length 9") }}{% endif %}
                    {{- '{"name": ' ~ c.function.name | tojson ~ ', "arguments": ' ~ c.function.arguments | tojson ~ ', "id": "' ~ c.id ~ '"}' ~ (", " if not loop.last else "]" ~ eos_token) }}
                {%- endfor %}
            {%- elif m.role == "tool" %}{{ '[TOOL_RESULTS]{"content": ' ~ m.content | tojson ~ ', "call_id": "' ~ m.tool_call_id ~ '"}[/TOOL_RESULTS]' }}
            {%- else %}{{ " " + m.content | trim + eos_token }}
            {%- endif %}
        {%- endfor %}
        """;

    /// <summary>No system role, no tools, strict turns: Gemma.</summary>
    public const string Gemma =
        "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}"
        + "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}"
        + "{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}";

    /// <summary>Tags without tools, the answer begins inside of a thought: R1's distillates.</summary>
    public const string Thinking =
        "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}{% elif m.role == 'user' %}{{ '<｜User｜>' + m.content }}"
        + "{% else %}{% set content = m.content.split('</think>')[-1] %}{{ '<｜Assistant｜>' + content + eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<｜Assistant｜><think>\n' }}{% endif %}";

    /// <summary>Turns with an end tag of their own: Phi.</summary>
    public const string Phi =
        "{% for m in messages %}{% if m['role'] == 'system' and 'tools' in m %}{{ '<|tool|>' + m['tools'] }}{% endif %}{{ '<|' + m['role'] + '|>\n' + m['content'] + '<|end|>\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}";

    public static readonly string[] ControlTokens =
    [
        "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<s>", "</s>", "[INST]", "[/INST]", "[TOOL_CALLS]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]",
        "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "<start_of_turn>", "<end_of_turn>", "<｜User｜>", "<｜Assistant｜>", "<|user|>", "<|system|>", "<|assistant|>", "<|end|>", "<tool_call>", "<think>",
    ];

    public static string Named(string name) => name switch
    {
        "hermes" => Hermes,
        "llama" => Llama,
        "mistral" => Mistral,
        "gemma" => Gemma,
        "thinking" => Thinking,
        "phi" => Phi,
        _ => "",
    };
}
