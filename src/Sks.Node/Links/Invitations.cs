using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>Invitations to become a peer, kept hashed in the store until they are taken up or expire. For any number of threads.</summary>
/// <remarks>
/// Rows: the SHA-256 of the secret leads to the time of expiry (8 bytes, big-endian, milliseconds since 1970). Beside them one row of 4 bytes counts
/// wrong secrets since there was no invitation last. While there is none, wrong secrets cost no write.
/// </remarks>
[SuppressMessage("Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "A semaphore that nobody waits on by handle holds nothing; closing must not fail who still waits.")]
public sealed class Invitations
{
    /// <summary>Bytes of a secret.</summary>
    public const int SecretLength = 16;

    /// <summary>Most invitations that wait to be taken up. One more, and the one that expires first is void.</summary>
    public const int MaxWaiting = 32;

    /// <summary>That many wrong secrets void all invitations.</summary>
    public const int MaxFailures = 5;

    private readonly CertificateStore _store;
    private readonly PeerBook _book;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);

    internal Invitations(CertificateStore store, PeerBook book, TimeProvider time)
    {
        _store = store;
        _book = book;
        _time = time;
    }

    /// <summary>How long an invitation is good.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromMinutes(15);

    /// <summary>Makes an invitation: good once, for 15 minutes.</summary>
    /// <returns>Its secret.</returns>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<byte[]> CreateAsync(CancellationToken cancellationToken)
    {
        byte[] secret = RandomNumberGenerator.GetBytes(SecretLength);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            List<(byte[] Key, byte[]? Value)> rows = [];
            List<Invitation> waiting = ReadWaiting(rows, out _);
            if (waiting.Count == 0)
                rows.Add((LinkKeys.Invitations, null));
            rows.AddRange(waiting.OrderBy(static one => one.Until).Take(waiting.Count - MaxWaiting + 1).Select(static one => (one.Key, (byte[]?)null)));
            byte[] until = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(until, (_time.GetUtcNow() + Lifetime).ToUnixTimeMilliseconds());
            rows.Add((LinkKeys.Invitation(SHA256.HashData(secret)), until));
            await _store.WriteLinksAsync(rows, cancellationToken).ConfigureAwait(false);
            return secret;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes an invitation up and makes the guest a peer, both or neither. Five wrong secrets void all invitations.</summary>
    /// <returns>Whether there is an invitation with this secret.</returns>
    /// <exception cref="ArgumentException">The guest can be no peer, see <see cref="PeerBook.AddAsync(NodeId, IReadOnlyList{string}, CancellationToken)"/>.</exception>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<bool> AcceptAsync(
        ReadOnlyMemory<byte> secret, NodeId guest, IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        _book.Validate(guest, addresses);
        byte[] key = LinkKeys.Invitation(SHA256.HashData(secret.Span));
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            List<(byte[] Key, byte[]? Value)> rows = [];
            List<Invitation> waiting = ReadWaiting(rows, out int failures);
            bool isInvited = false;
            foreach (Invitation one in waiting)
                isInvited |= CryptographicOperations.FixedTimeEquals(one.Key, key);

            if (isInvited)
            {
                rows.Add((key, null));
                await _book.AddAsync(guest, addresses, rows, cancellationToken).ConfigureAwait(false);
                return true;
            }

            if (waiting.Count > 0)
                rows.AddRange(Fail(waiting, failures + 1));
            if (rows.Count > 0)
                await _store.WriteLinksAsync(rows, cancellationToken).ConfigureAwait(false);
            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    private static IEnumerable<(byte[] Key, byte[]? Value)> Fail(List<Invitation> waiting, int failures)
    {
        if (failures >= MaxFailures)
            return [.. waiting.Select(static one => (one.Key, (byte[]?)null)), (LinkKeys.Invitations, null)];
        byte[] count = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(count, failures);
        return [(LinkKeys.Invitations, count)];
    }

    // Those that are good, and the rows by which the others are removed.
    private List<Invitation> ReadWaiting(List<(byte[] Key, byte[]? Value)> rows, out int failures)
    {
        failures = 0;
        List<Invitation> waiting = [];
        long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach ((byte[] key, byte[] value) in _store.ReadLinks(LinkKeys.Invitations))
        {
            if (key.Length == 1)
                failures = value.Length == sizeof(int) ? BinaryPrimitives.ReadInt32BigEndian(value) : 0;
            else if (value.Length == sizeof(long) && BinaryPrimitives.ReadInt64BigEndian(value) is var until && until > now)
                waiting.Add(new Invitation(key, until));
            else
                rows.Add((key, null));
        }

        return waiting;
    }

    private sealed record Invitation(byte[] Key, long Until);
}
