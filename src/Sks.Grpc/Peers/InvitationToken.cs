using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sks.Node;
using Sks.Node.Links;

namespace Sks.Grpc.Peers;

/// <summary>An invitation as one operator hands it to the other: one word.</summary>
/// <remarks>
/// <c>sks1-</c> and, in base64url without padding: the byte 1, the inviter's node id (32 bytes), the secret (16), the end of its validity (8, seconds
/// since 1970, big-endian), the number of addresses (1) and of each its length (1) and itself in UTF-8.
/// </remarks>
/// <param name="Inviter">Who invites.</param>
/// <param name="Secret">16 bytes.</param>
/// <param name="Expires">When it is no longer good; whole seconds.</param>
/// <param name="Addresses">Where the inviter is reached, HOST:PORT each; 1 to 8.</param>
internal sealed record InvitationToken(NodeId Inviter, ReadOnlyMemory<byte> Secret, DateTimeOffset Expires, IReadOnlyList<string> Addresses)
{
    private const string Prefix = "sks1-";
    private const byte Version = 1;
    private const int ExpiryOffset = 1 + NodeId.Length + Invitations.SecretLength;
    private const int CountOffset = ExpiryOffset + sizeof(long);
    private const int MaxLength = CountOffset + 1 + (PeerAddress.MaxCount * (1 + PeerAddress.MaxBytes));

    private static readonly long MaxSeconds = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>Reads a token; white space around it does no harm.</summary>
    /// <param name="text">What the operator was given.</param>
    /// <param name="token">The invitation.</param>
    /// <param name="fault">What is wrong with the text, in words; null when nothing is.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out InvitationToken? token, [NotNullWhen(false)] out string? fault)
    {
        token = null;
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        if (!trimmed.StartsWith(Prefix, StringComparison.Ordinal))
        {
            fault = $"this is no invitation: it does not begin with {Prefix}";
            return false;
        }

        ReadOnlySpan<char> encoded = trimmed[Prefix.Length..];
        var buffer = new byte[MaxLength];
        OperationStatus status = Base64Url.DecodeFromChars(encoded, buffer, out int consumed, out int written);
        fault = status switch
        {
            OperationStatus.DestinationTooSmall => "the invitation is too long",
            OperationStatus.Done when consumed == encoded.Length => Read(buffer.AsMemory(0, written), out token),
            _ => "the invitation is damaged: it is not all letters, digits, - and _, or its end is missing",
        };
        return fault is null;
    }

    /// <summary>The token as text.</summary>
    public string Format()
    {
        var writer = new ArrayBufferWriter<byte>();
        writer.Write([Version]);
        writer.Write(Inviter.ToArray());
        writer.Write(Secret.Span);
        BinaryPrimitives.WriteInt64BigEndian(writer.GetSpan(sizeof(long)), Expires.ToUnixTimeSeconds());
        writer.Advance(sizeof(long));
        writer.Write([(byte)Addresses.Count]);
        foreach (string address in Addresses)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(address);
            writer.Write([(byte)bytes.Length]);
            writer.Write(bytes);
        }

        return Prefix + Base64Url.EncodeToString(writer.WrittenSpan);
    }

    // Returns what is wrong.
    private static string? Read(ReadOnlyMemory<byte> data, out InvitationToken? token)
    {
        token = null;
        ReadOnlySpan<byte> span = data.Span;
        if (span.Length > 0 && span[0] != Version)
            return $"the invitation has format {span[0]}, which this version does not know";
        if (span.Length <= CountOffset)
            return "the invitation is damaged: its end is missing";

        long seconds = BinaryPrimitives.ReadInt64BigEndian(span[ExpiryOffset..]);
        if (seconds < 0 || seconds > MaxSeconds)
            return "the invitation is damaged: it ends at no time";
        if (span[CountOffset] is 0 or > PeerAddress.MaxCount)
            return $"the invitation is damaged: it names {span[CountOffset]} addresses";
        if (ReadAddresses(span[CountOffset..], out List<string> addresses) is { } fault)
            return fault;

        token = new InvitationToken(
            NodeId.Read(span[1..]),
            data.Slice(1 + NodeId.Length, Invitations.SecretLength),
            DateTimeOffset.FromUnixTimeSeconds(seconds),
            addresses);
        return null;
    }

    private static string? ReadAddresses(ReadOnlySpan<byte> span, out List<string> addresses)
    {
        addresses = [];
        int count = span[0];
        ReadOnlySpan<byte> rest = span[1..];
        for (int i = 0; i < count; i++)
        {
            if (rest.Length == 0 || rest.Length <= rest[0])
                return "the invitation is damaged: its end is missing";
            string address = Encoding.UTF8.GetString(rest.Slice(1, rest[0]));
            if (!PeerAddress.TryParse(address, out _))
                return "the invitation is damaged: one of its addresses is not HOST:PORT";
            addresses.Add(address);
            rest = rest[(1 + rest[0])..];
        }

        return rest.Length == 0 ? null : "the invitation is damaged: something follows its end";
    }
}
