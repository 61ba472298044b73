using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Sks.OpenPgp;
using Sks.Reconciliation.Sketches;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>The key of a link.</summary>
/// <param name="Epoch">Counts the keys of the link from 1.</param>
/// <param name="Secret">32 bytes. As sensitive as the node's own key: whoever knows it can make certificates that this link's sketches choke on.</param>
/// <param name="Made">When.</param>
public sealed record LinkKey(uint Epoch, ReadOnlyMemory<byte> Secret, DateTimeOffset Made)
{
    private const int SecretOffset = sizeof(uint) + sizeof(long);

    /// <summary>Hides the secret.</summary>
    public override string ToString() => $"LinkKey {{ Epoch = {Epoch}, Made = {Made:O} }}";

    /// <summary>Epoch (4), when it was made (8, seconds since 1970), the secret; numbers are big-endian.</summary>
    internal byte[] Encode()
    {
        byte[] value = new byte[SecretOffset + Secret.Length];
        BinaryPrimitives.WriteUInt32BigEndian(value, Epoch);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(sizeof(uint)), Made.ToUnixTimeSeconds());
        Secret.Span.CopyTo(value.AsSpan(SecretOffset));
        return value;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; null when it is not that.</summary>
    internal static LinkKey? Decode(byte[]? value)
    {
        if (value is not { Length: SecretOffset + SketchKey.SecretLength })
            return null;
        long seconds = BinaryPrimitives.ReadInt64BigEndian(value.AsSpan(sizeof(uint)));
        return seconds < 0 || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? null
            : new LinkKey(BinaryPrimitives.ReadUInt32BigEndian(value), value.AsMemory(SecretOffset), DateTimeOffset.FromUnixTimeSeconds(seconds));
    }
}

/// <summary>What is kept for the link to one peer: key, sketch, cursor, phantoms. For any number of threads.</summary>
/// <remarks>
/// <para>Phantoms are what the peer holds and this node refuses, or the other way round: in what the peer sees of it this node makes as if it held them, so
/// that they cancel out. They are bounded, expire, and end when this node comes to hold them, when the peer is seen to hold them no more, and when restrictions
/// are taken back.</para>
/// <para>Two turns: <c>_sketchTurn</c> for whoever builds, changes or copies the sketch, which may take seconds, and <c>_writeTurn</c> for whoever writes rows;
/// who needs both takes them in this order. When the peer is removed from the book, its link writes nothing any more.</para>
/// </remarks>
[SuppressMessage("Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "A semaphore that nobody waits on by handle holds nothing; closing must not fail who still waits.")]
public sealed partial class Link
{
    private readonly CertificateStore _store;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stop;
    private readonly PhantomSet _phantoms;
    private readonly Func<int> _countRetractions;
    private readonly SemaphoreSlim _writeTurn = new(1, 1);
    private volatile LinkKey? _key;
    private volatile PeerCursor? _cursor;
    private volatile bool _isRetired;

    // Phantoms whose rows were read and are good for nothing: the next who writes phantoms deletes them.
    private IReadOnlyList<ContentDigest> _useless = [];

    /// <summary>Reads what is kept.</summary>
    /// <param name="store">Where.</param>
    /// <param name="peer">The other end.</param>
    /// <param name="time">The clock.</param>
    /// <param name="countRetractions">How many restrictions have been taken back.</param>
    /// <param name="stop">Ends what takes long: the node closes.</param>
    internal Link(CertificateStore store, NodeId peer, TimeProvider time, Func<int> countRetractions, CancellationToken stop)
    {
        _store = store;
        _time = time;
        _stop = stop;
        _countRetractions = countRetractions;
        _phantoms = new PhantomSet(time, countRetractions);
        Peer = peer;
        _key = LinkKey.Decode(ReadRow(LinkKeys.Secret(peer)));
        _cursor = PeerCursor.Decode(ReadRow(LinkKeys.Cursor(peer)));
        LoadPhantoms();
    }

    /// <summary>Told when <see cref="PhantomCount"/> may have changed.</summary>
    internal event Action<Link>? PhantomsChanged;

    /// <summary>The other end.</summary>
    public NodeId Peer { get; }

    /// <summary>The key; null when none was agreed on.</summary>
    public LinkKey? Key => _key;

    /// <summary>How far the peer's change log was followed when the link was up last; null for not yet.</summary>
    public ChangeCursor? Cursor => _cursor?.Value;

    /// <summary>How many phantoms there are.</summary>
    public int PhantomCount => _phantoms.Count;

    /// <summary>Whether the peer was removed from the book, or never was in it: nothing is kept.</summary>
    internal bool IsRetired => _isRetired;

    /// <summary>Agrees on a new key, which makes the sketch void. Waits for a sketch that is being built.</summary>
    /// <exception cref="ArgumentException">The secret has another length than <see cref="SketchKey.SecretLength"/>.</exception>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task SetKeyAsync(LinkKey key, CancellationToken cancellationToken)
    {
        if (key.Secret.Length != SketchKey.SecretLength)
            throw new ArgumentException($"The secret has {key.Secret.Length} bytes; it must have {SketchKey.SecretLength}.", nameof(key));
        await _sketchTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await WriteAsync([(LinkKeys.Secret(Peer), key.Encode()), (LinkKeys.Sketch(Peer), null)], cancellationToken).ConfigureAwait(false);
            _sketch = null;
            _key = key;
        }
        finally
        {
            _sketchTurn.Release();
        }
    }

    /// <summary>Notes how far the peer's log was followed.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task SetCursorAsync(ChangeCursor cursor, CancellationToken cancellationToken)
    {
        var next = new PeerCursor(cursor);
        await WriteAsync([(LinkKeys.Cursor(Peer), next.Encode())], cancellationToken).ConfigureAwait(false);
        _cursor = next;
    }

    /// <summary>Whether something with this prefix is a phantom.</summary>
    public bool IsPhantom(ulong prefix) => _phantoms.Contains(prefix);

    /// <summary>Makes a phantom of what one of the two refuses, or has it last longer. What this node holds does not become one.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task AddPhantomAsync(ContentDigest digest, CancellationToken cancellationToken) =>
        AddPhantomAsync(digest, endsUnannounced: false, cancellationToken);

    /// <summary>Makes a phantom of what one of the two refuses, or has it last longer. What this node holds does not become one.</summary>
    /// <param name="digest">What is refused.</param>
    /// <param name="endsUnannounced">Whether nothing tells this node when the reason is gone: then it is asked for again after a day.</param>
    /// <param name="cancellationToken">Gives up waiting to write.</param>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task AddPhantomAsync(ContentDigest digest, bool endsUnannounced, CancellationToken cancellationToken)
    {
        // In this order, so that it ends if the digest enters the set at any moment from now on.
        TimeSpan lifetime = endsUnannounced ? PhantomSet.UnannouncedLifetime : PhantomSet.Lifetime;
        var phantom = new Phantom(digest, _time.GetUtcNow() + lifetime, AbsentAt: null, _countRetractions());
        IReadOnlyList<ContentDigest> ended = [.. _phantoms.Add(phantom), .. TakeOver()];
        Confirm([digest]);
        (byte[] Key, byte[]? Value)[] rows =
        [
            .. ended.Where(one => one != digest).Select(one => (LinkKeys.Phantom(Peer, one), (byte[]?)null)),
            (LinkKeys.Phantom(Peer, digest), _phantoms.Contains(digest) ? phantom.EncodeValue() : null),
        ];
        await WriteAsync(rows, cancellationToken).ConfigureAwait(false);
        PhantomsChanged?.Invoke(this);
    }

    /// <summary>Notes that the peer holds no element with these prefixes any more: phantoms of them end.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task DropPhantomsAsync(IReadOnlyCollection<ulong> prefixes, CancellationToken cancellationToken)
    {
        List<ContentDigest> ended = [.. prefixes.SelectMany(_phantoms.Remove)];
        if (ended.Count == 0)
            return;
        PhantomsChanged?.Invoke(this);
        await WriteAsync([.. ended.Select(one => (LinkKeys.Phantom(Peer, one), (byte[]?)null))], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes phantoms that are over.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing. They do not count any more all the same.</exception>
    internal async Task RemoveOverPhantomsAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ContentDigest> over = TakeOver();
        if (over.Count == 0)
            return;
        PhantomsChanged?.Invoke(this);
        await WriteAsync([.. over.Select(one => (LinkKeys.Phantom(Peer, one), (byte[]?)null))], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes nothing from the end of <paramref name="delete"/> on, and nothing while it runs.</summary>
    internal async Task RetireAsync(Func<Task> delete)
    {
        await _writeTurn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await delete().ConfigureAwait(false);
            _isRetired = true;
        }
        finally
        {
            _writeTurn.Release();
        }
    }

    /// <summary>Has nothing written from the start: the peer is not in the book.</summary>
    internal void Retire() => _isRetired = true;

    private async Task WriteAsync(IReadOnlyList<(byte[] Key, byte[]? Value)> rows, CancellationToken cancellationToken)
    {
        await _writeTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_isRetired)
                await _store.WriteLinksAsync(rows, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writeTurn.Release();
        }
    }

    private byte[]? ReadRow(byte[] key) => _store.ReadLinks(key).Where(row => row.Key.Length == key.Length).Select(static row => row.Value).FirstOrDefault();

    private void LoadPhantoms()
    {
        List<ContentDigest> loaded = [];
        foreach ((byte[] key, byte[] value) in _store.ReadLinks(LinkKeys.Phantoms(Peer)))
        {
            if (LinkKeys.ReadPhantom(key) is not { } digest || Phantom.Decode(digest, value) is not { } phantom)
                continue;
            _phantoms.Add(phantom);
            loaded.Add(digest);
        }

        _useless = _phantoms.RemoveOver();
        Confirm(loaded);
    }

    private IReadOnlyList<ContentDigest> TakeOver() => [.. Interlocked.Exchange(ref _useless, []).Where(one => !_phantoms.Contains(one)), .. _phantoms.RemoveOver()];

    // What is in the set is no phantom. What is not counts from the moment of the look: a sketch that stands there lacks it as well.
    private void Confirm(List<ContentDigest> digests)
    {
        if (digests.Count == 0)
            return;
        using StoreSnapshot snapshot = _store.TakeSnapshot();
        ulong sequence = snapshot.ReadPosition().Cursor.Sequence;
        foreach (ContentDigest digest in digests)
        {
            if (_store.Policies.Any(policy => snapshot.Contains(policy.Version, digest)))
                _phantoms.Remove(digest);
            else
                _phantoms.Confirm(digest, sequence);
        }
    }

    private sealed record PeerCursor(ChangeCursor Value)
    {
        private const int EncodedLength = 2 * sizeof(ulong);

        /// <summary>Incarnation (8) and sequence (8), big-endian.</summary>
        public byte[] Encode()
        {
            byte[] value = new byte[EncodedLength];
            BinaryPrimitives.WriteUInt64BigEndian(value, Value.Incarnation);
            BinaryPrimitives.WriteUInt64BigEndian(value.AsSpan(sizeof(ulong)), Value.Sequence);
            return value;
        }

        /// <summary>Reads what <see cref="Encode"/> wrote; null when it is not that.</summary>
        public static PeerCursor? Decode(byte[]? value) => value is { Length: EncodedLength }
            ? new PeerCursor(new ChangeCursor(BinaryPrimitives.ReadUInt64BigEndian(value), BinaryPrimitives.ReadUInt64BigEndian(value.AsSpan(sizeof(ulong)))))
            : null;
    }
}
