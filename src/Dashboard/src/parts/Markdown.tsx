import { memo } from "react";
import ReactMarkdown from "react-markdown";
import rehypeSanitize from "rehype-sanitize";
import remarkGfm from "remark-gfm";

/** Text of agents and of strangers: no HTML of theirs, nothing fetched, links that say nothing of where they were followed from. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return (
    <div className="prose max-w-prose">
      <ReactMarkdown
        remarkPlugins={[remarkGfm]}
        rehypePlugins={[rehypeSanitize]}
        components={{
          a: ({ href, children }) => (
            <a href={href} rel="noopener noreferrer nofollow" target="_blank">
              {children}
            </a>
          ),
          // Headings of theirs are none of this page's.
          h1: ({ children }) => <p className="text-lg font-semibold">{children}</p>,
          h2: ({ children }) => <p className="text-base font-semibold">{children}</p>,
          h3: ({ children }) => <p className="font-semibold">{children}</p>,
          h4: ({ children }) => <p className="font-semibold">{children}</p>,
          h5: ({ children }) => <p className="font-semibold">{children}</p>,
          h6: ({ children }) => <p className="font-semibold">{children}</p>,
          img: ({ alt, src }) => <span className="text-dim">[image: {alt || (typeof src === "string" ? src : "unnamed")}]</span>,
          input: ({ checked }) => <span>{checked ? "☑ " : "☐ "}</span>,
        }}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
});
