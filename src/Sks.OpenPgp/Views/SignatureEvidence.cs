namespace Sks.OpenPgp;

/// <summary>One signature where it stands, with what is known about it.</summary>
internal sealed class SignatureEvidence(Packet packet, PacketVerdict verdict)
{
    /// <summary>The signature.</summary>
    public Packet Packet { get; } = packet;

    /// <summary>What verification found so far.</summary>
    public PacketVerdict Verdict { get; set; } = verdict;

    /// <summary>The verdict without its marks.</summary>
    public PacketVerdict Outcome => Verdict & PacketVerdict.OutcomeMask;

    /// <summary>What the signature claims; null when it cannot be read. Read when first asked for.</summary>
    public SignaturePacket? Claims
    {
        get
        {
            if (!_isRead)
            {
                _isRead = true;
                field = SignaturePacket.TryParse(Packet.Span, out SignaturePacket claims) ? claims : null;
            }

            return field;
        }
    }

    private bool _isRead;
}
