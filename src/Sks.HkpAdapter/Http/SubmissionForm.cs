using System.Text;
using Microsoft.Net.Http.Headers;

namespace Sks.HkpAdapter.Http;

/// <summary>What was posted to <c>/pks/add</c>.</summary>
/// <param name="KeyText">The key, armored or binary; empty when there is none. Decoded in the memory of the body.</param>
/// <param name="Options">The field <c>options</c>.</param>
internal readonly record struct SubmissionForm(ReadOnlyMemory<byte> KeyText, LookupOptions Options)
{
    private const int MaxOptionsLength = 256;

    /// <summary>Reads a body.</summary>
    /// <param name="body">The body; overwritten by decoding.</param>
    /// <param name="contentType">What the client calls it. Only a hint: SKS never looked at it, so clients send anything.</param>
    public static SubmissionForm Read(Memory<byte> body, string? contentType)
    {
        bool hasType = MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type);
        if (hasType && type!.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return ReadMultipart(body, HeaderUtilities.RemoveQuotes(type.Boundary).ToString());
        if (hasType && IsKey(type!.MediaType.AsSpan()))
            return new SubmissionForm(body, LookupOptions.None);

        SubmissionForm form = ReadFields(body);
        bool isBareKey = form.KeyText.IsEmpty && body.Span.TrimStart(" \t\r\n"u8).StartsWith("-----BEGIN PGP"u8);
        return isBareKey ? new SubmissionForm(body, LookupOptions.None) : form;
    }

    private static bool IsKey(ReadOnlySpan<char> mediaType) =>
        mediaType.Equals(Reply.Keys, StringComparison.OrdinalIgnoreCase)
        || mediaType.Equals(Reply.Bytes, StringComparison.OrdinalIgnoreCase);

    private static SubmissionForm ReadFields(Memory<byte> body)
    {
        SubmissionForm form = default;
        while (!body.IsEmpty)
        {
            int end = body.Span.IndexOf((byte)'&');
            Memory<byte> field = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];

            int equals = field.Span.IndexOf((byte)'=');
            if (equals < 0)
                continue;
            Memory<byte> value = field[(equals + 1)..];
            ReadOnlySpan<byte> name = field.Span[..equals].Trim("\r\n"u8);
            if (name.SequenceEqual("keytext"u8) && form.KeyText.IsEmpty)
                form = form with { KeyText = value[..PercentDecoder.Decode(value.Span, PlusIsBlank(value.Span))] };
            else if (name.SequenceEqual("options"u8))
                form = form with { Options = ParseOptions(value.Span[..PercentDecoder.Decode(value.Span, plusIsBlank: true)]) };
        }

        return form;
    }

    // The armor's first line has blanks. Where they are not '+', a '+' was left alone by the client and is part of the base64.
    private static bool PlusIsBlank(ReadOnlySpan<byte> keyText) => keyText.IndexOf("BEGIN+PGP"u8) >= 0;

    private static LookupOptions ParseOptions(ReadOnlySpan<byte> value) =>
        value.Length > MaxOptionsLength ? LookupOptions.None : LookupRequest.ParseOptions(Encoding.Latin1.GetString(value));

    private static SubmissionForm ReadMultipart(Memory<byte> body, string boundary)
    {
        SubmissionForm form = default;
        byte[] delimiter = Encoding.Latin1.GetBytes("--" + boundary);
        int start = boundary.Length == 0 ? -1 : body.Span.IndexOf(delimiter);
        while (start >= 0)
        {
            body = body[(start + delimiter.Length)..];
            start = body.Span.IndexOf(delimiter);
            Memory<byte> part = start < 0 ? body : body[..start];
            int headEnd = part.Span.IndexOf("\r\n\r\n"u8);
            if (headEnd < 0)
                continue;

            string head = Encoding.Latin1.GetString(part.Span[..headEnd]);
            Memory<byte> content = part[(headEnd + 4)..];
            if (content.Span.EndsWith("\r\n"u8))
                content = content[..^2];
            if (IsNamed(head, "keytext") && form.KeyText.IsEmpty)
                form = form with { KeyText = content };
            else if (IsNamed(head, "options"))
                form = form with { Options = ParseOptions(content.Span) };
        }

        return form;
    }

    private static bool IsNamed(string partHead, string name) =>
        partHead.Contains($" name=\"{name}\"", StringComparison.OrdinalIgnoreCase)
        || partHead.Contains($";name=\"{name}\"", StringComparison.OrdinalIgnoreCase)
        || partHead.Contains($" name={name}", StringComparison.OrdinalIgnoreCase);
}
