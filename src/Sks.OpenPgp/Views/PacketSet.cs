namespace Sks.OpenPgp;

/// <summary>The packets of some versions of one certificate, each where it stands.</summary>
public sealed class PacketSet
{
    private readonly HashSet<ReadOnlyMemory<byte>> _direct = new(BytesComparer.Instance);
    private readonly Dictionary<PacketTag, Dictionary<ReadOnlyMemory<byte>, HashSet<ReadOnlyMemory<byte>>>> _components = [];

    /// <summary>Takes the packets of the versions that are there.</summary>
    public PacketSet(params ReadOnlySpan<Certificate?> certificates)
    {
        foreach (Certificate? certificate in certificates)
        {
            if (certificate is not null)
                Add(certificate);
        }
    }

    /// <summary>Whether a user ID, attribute or subkey is among them.</summary>
    public bool ContainsComponent(in Packet component) => SignaturesOf(component) is not null;

    /// <summary>Whether a signature is among them.</summary>
    /// <param name="component">What it stands under; null for the primary key.</param>
    /// <param name="signature">The signature.</param>
    public bool ContainsSignature(Packet? component, in Packet signature) =>
        (component is { } packet ? SignaturesOf(packet) : _direct)?.Contains(signature.Body) ?? false;

    /// <summary>What a certificate has beyond these packets, and what that stands under; null when it is nothing.</summary>
    public Certificate? RestOf(Certificate certificate)
    {
        List<Packet> direct = [.. certificate.DirectSignatures.Where(signature => !ContainsSignature(null, signature))];
        List<CertificateComponent> userIds = RestOf(certificate.UserIds);
        List<CertificateComponent> subkeys = RestOf(certificate.Subkeys);
        return direct.Count + userIds.Count + subkeys.Count == 0
            ? null
            : new Certificate(certificate.PrimaryKey, certificate.Identity, direct, userIds, subkeys);
    }

    /// <summary>What of a certificate is among these packets; the primary key alone when it is nothing.</summary>
    public Certificate PartOf(Certificate certificate) => new(
        certificate.PrimaryKey,
        certificate.Identity,
        [.. certificate.DirectSignatures.Where(signature => ContainsSignature(null, signature))],
        PartOf(certificate.UserIds),
        PartOf(certificate.Subkeys));

    private HashSet<ReadOnlyMemory<byte>>? SignaturesOf(in Packet component) =>
        _components.TryGetValue(component.Tag, out Dictionary<ReadOnlyMemory<byte>, HashSet<ReadOnlyMemory<byte>>>? known)
            ? known.GetValueOrDefault(component.Body)
            : null;

    private List<CertificateComponent> PartOf(IReadOnlyList<CertificateComponent> components) =>
    [
        .. components
            .Where(component => ContainsComponent(component.Packet))
            .Select(component => new CertificateComponent(
                component.Packet, [.. component.Signatures.Where(signature => ContainsSignature(component.Packet, signature))])),
    ];

    private List<CertificateComponent> RestOf(IReadOnlyList<CertificateComponent> components)
    {
        List<CertificateComponent> rest = [];
        foreach (CertificateComponent component in components)
        {
            List<Packet> signatures = [.. component.Signatures.Where(signature => !ContainsSignature(component.Packet, signature))];
            if (signatures.Count > 0 || !ContainsComponent(component.Packet))
                rest.Add(new CertificateComponent(component.Packet, signatures));
        }

        return rest;
    }

    private void Add(Certificate certificate)
    {
        foreach (Packet signature in certificate.DirectSignatures)
            _direct.Add(signature.Body);
        foreach (CertificateComponent component in certificate.UserIds.Concat(certificate.Subkeys))
        {
            if (!_components.TryGetValue(component.Packet.Tag, out var known))
                _components.Add(component.Packet.Tag, known = new(BytesComparer.Instance));
            if (!known.TryGetValue(component.Packet.Body, out HashSet<ReadOnlyMemory<byte>>? signatures))
                known.Add(component.Packet.Body, signatures = new(BytesComparer.Instance));
            foreach (Packet signature in component.Signatures)
                signatures.Add(signature.Body);
        }
    }
}
