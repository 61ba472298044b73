using System.Buffers;
using Sks.Node;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>Names the signers on one page.</summary>
/// <remarks>
/// A key ID names somebody only when exactly one certificate has it. The number of look-ups is bounded, as in SKS (max_uid_fetches):
/// a page of a popular key must not read half the store.
/// </remarks>
internal sealed class SignerNames(CertificateQuery query)
{
    private const int MaxLookups = 1000;

    private readonly Dictionary<KeyId, string?> _names = [];

    /// <summary>The first proven user ID of the signer, or null.</summary>
    public string? Find(KeyId keyId)
    {
        if (_names.TryGetValue(keyId, out string? name) || _names.Count == MaxLookups)
            return name;

        name = query.Find(new CertificateSelector.ByKeyId(keyId)) is { Certificates: [ServedCertificate only] }
            ? FindUserId(only.View.ToMemory().Span)
            : null;
        _names.Add(keyId, name);
        return name;
    }

    // Walks headers only: a signer's own certificate may be large.
    private static string? FindUserId(ReadOnlySpan<byte> packets)
    {
        while (PacketHeader.TryRead(packets, out PacketHeader header, out _) == OperationStatus.Done && header.TotalLength <= packets.Length)
        {
            if (header.Tag == PacketTag.UserId)
                return UserIdText.Decode(packets[header.HeaderLength..(int)header.TotalLength]);
            packets = packets[(int)header.TotalLength..];
        }

        return null;
    }
}
