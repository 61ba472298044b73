using System.Security.Cryptography;
using Sks.Node;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>A certificate as it is explained to strangers.</summary>
/// <param name="Explanation">What is known of each packet.</param>
/// <param name="TellsAll">Whether the text of user IDs may be told that are not proven.</param>
internal sealed record ExplainedCertificate(CertificateExplanation Explanation, bool TellsAll)
{
    /// <summary>Most packets in one answer; a request for more says where to go on.</summary>
    public const int MaxPackets = 500;

    private const int ShownHashBytes = 8;

    /// <summary>How many packets are in the clean view.</summary>
    public int CleanCount => Explanation.Packets.Count(static packet => packet.Finding.Fate == PacketFate.Kept);

    /// <summary>How many packets are in the full view.</summary>
    public int FullCount => Explanation.Packets.Count(static packet => packet.IsInFullView);

    /// <summary>The packets of one answer.</summary>
    /// <param name="offset">How many to pass over.</param>
    public IEnumerable<ExplainedPacket> Take(int offset) => Explanation.Packets.Skip(offset).Take(MaxPackets);

    /// <summary>The text of a user ID; null when it is none, or must not be told.</summary>
    public string? TextOf(PacketFinding finding) =>
        finding.Packet.Tag == PacketTag.UserId && (TellsAll || finding.Fate == PacketFate.Kept) ? UserIdText.Decode(finding.Packet.Span) : null;

    /// <summary>What a packet can be told by without being shown: 16 hex digits, the first of the SHA-256 of its body.</summary>
    public static string HashOf(PacketFinding finding)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(finding.Packet.Span, hash);
        return Convert.ToHexString(hash[..ShownHashBytes]);
    }
}
