namespace Sks.OpenPgp;

/// <summary>The primary key, a user ID, an attribute or a subkey, with every signature known on it.</summary>
/// <param name="packet">The user ID, attribute or subkey; null for the primary key.</param>
internal sealed class ComponentEvidence(Packet? packet)
{
    private readonly List<SignatureEvidence> _signatures = [];
    private bool _isSorted = true;

    /// <summary>The user ID, attribute or subkey; null for the primary key.</summary>
    public Packet? Packet { get; } = packet;

    /// <summary>The tag; that of a primary key where there is no other packet.</summary>
    public PacketTag Tag => Packet?.Tag ?? PacketTag.PublicKey;

    /// <summary>Each signature once, by length, then by bytes.</summary>
    public List<SignatureEvidence> Signatures
    {
        get
        {
            if (!_isSorted)
                Unite();
            return _signatures;
        }
    }

    /// <summary>Takes a signature that may be known already.</summary>
    public void Add(Packet signature, PacketVerdict verdict)
    {
        _signatures.Add(new SignatureEvidence(signature, verdict));
        _isSorted = _signatures.Count == 1;
    }

    /// <summary>Takes all signatures of another list of the same component.</summary>
    public void AddAll(ComponentEvidence other)
    {
        _signatures.AddRange(other._signatures);
        _isSorted = _signatures.Count < 2;
    }

    /// <summary>The verdict on a signature of this component.</summary>
    public PacketVerdict VerdictOf(in Packet signature)
    {
        Packet wanted = signature;
        List<SignatureEvidence> signatures = Signatures;
        int low = 0;
        int high = signatures.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = PacketComparison.ForOutput(signatures[middle].Packet, wanted);
            if (order == 0)
                return signatures[middle].Verdict;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return PacketVerdict.NotExamined;
    }

    private void Unite()
    {
        _signatures.Sort(static (left, right) => PacketComparison.ForOutput(left.Packet, right.Packet));
        int kept = 0;
        for (int i = 0; i < _signatures.Count; i++)
        {
            SignatureEvidence signature = _signatures[i];
            if (kept == 0 || !signature.Packet.SameAs(_signatures[kept - 1].Packet))
                _signatures[kept++] = signature;
            else if (_signatures[kept - 1].Verdict == PacketVerdict.NotExamined)
                _signatures[kept - 1].Verdict = signature.Verdict;
        }

        _signatures.RemoveRange(kept, _signatures.Count - kept);
        _isSorted = true;
    }
}
