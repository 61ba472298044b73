using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Sks.Node;

namespace Sks.HkpAdapter.Http;

/// <summary>Names what is sent, so that a client who has it already need not get it again.</summary>
/// <remarks>
/// Strong tags mean equal bytes. Those of keys in the full view are weak: SKS's digest is over sorted packets, so that a certificate may
/// come in another order of packets under the same digest. Source: RFC 9110 section 8.8.3.
/// </remarks>
internal static class EntityTag
{
    private const string BinaryForm = "-bin";
    private const string FullForm = "-full";
    private const string WeakMark = "W/";

    /// <summary>The tag of certificates as they are sent: follows from their digests, nothing is read.</summary>
    /// <param name="certificates">What is sent, in that order; at least one.</param>
    /// <param name="view">The view of them that is sent.</param>
    /// <param name="isBinary">Whether they are sent without armor.</param>
    public static string Of(IReadOnlyList<ServedCertificate> certificates, ServedView view, bool isBinary)
    {
        string digest = (certificates, view) switch
        {
            ([ServedCertificate only], ServedView.Clean) => only.ContentDigest.ToString()!,
            ([ServedCertificate only], _) => only.Stored.SksDigest.ToString()!,
            _ => HashDigests(certificates, view, default),
        };
        string form = isBinary ? BinaryForm : "";
        return view == ServedView.Full ? $"{WeakMark}\"{digest}{FullForm}{form}\"" : $"\"{digest}{form}\"";
    }

    /// <summary>The tag of a text about certificates: changes with them, and with whatever else the text says.</summary>
    /// <param name="certificates">What the text is about.</param>
    /// <param name="view">The view of them that it tells of.</param>
    /// <param name="body">The text.</param>
    public static string Of(IReadOnlyList<ServedCertificate> certificates, ServedView view, ReadOnlySpan<byte> body) =>
        $"\"{HashDigests(certificates, view, body)}\"";

    /// <summary>Whether <c>If-None-Match</c> names a tag, by weak comparison, or anything with <c>*</c>.</summary>
    /// <param name="ifNoneMatch">The header's values.</param>
    /// <param name="tag">The tag of what would be sent.</param>
    public static bool Matches(StringValues ifNoneMatch, string tag)
    {
        if (ifNoneMatch.Count == 0 || !EntityTagHeaderValue.TryParseList(ifNoneMatch!, out IList<EntityTagHeaderValue>? known))
            return false;
        string opaque = tag.StartsWith(WeakMark, StringComparison.Ordinal) ? tag[WeakMark.Length..] : tag;
        foreach (EntityTagHeaderValue value in known)
        {
            if (value.Equals(EntityTagHeaderValue.Any) || value.Tag.Equals(opaque, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static string HashDigests(IReadOnlyList<ServedCertificate> certificates, ServedView view, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ServedCertificate certificate in certificates)
            hash.AppendData(ReadDigest(certificate, view));
        hash.AppendData(body);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static byte[] ReadDigest(ServedCertificate certificate, ServedView view)
    {
        if (view == ServedView.Clean)
            return certificate.ContentDigest is { } content ? content.Span.ToArray() : [];
        return certificate.Stored.SksDigest is { } digest ? Convert.FromHexString(digest.ToString()) : [];
    }
}
