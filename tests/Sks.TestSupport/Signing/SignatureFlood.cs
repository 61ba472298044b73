using Sks.OpenPgp;

namespace Sks.TestSupport.Signing;

/// <summary>Signatures by the ten thousand, as attackers make them: plausible, cheap, of no worth. Bodies of signature packets.</summary>
/// <remarks>For <see cref="SignedCertificate.Add(IEnumerable{byte[]})"/>. Made while they are read; the same for the same arguments.</remarks>
public static class SignatureFlood
{
    private const int FirstStranger = 1_000_000;

    /// <summary>Certifications by as many strangers: numbers are junk, every second one has even a wrong 16-bit hash tag.</summary>
    public static IEnumerable<byte[]> ThirdParty(SignedOver over, int count) =>
        Enumerable.Range(0, count).Select(i =>
        {
            SignatureSpec spec = new SignatureSpec(SignatureType.GenericCertification).Written(SignatureForm.Junk);
            return (i % 2 == 0 ? spec : spec.WithWrongHashTag()).Sign(SigningKey.FromPool(FirstStranger + i), over);
        });

    /// <summary>Signatures that claim to be the owner's: hash tag right, numbers junk, so that only verifying tells.</summary>
    /// <param name="owner">An Ed25519 key.</param>
    /// <param name="over">What they are over.</param>
    /// <param name="count">How many.</param>
    /// <param name="type">Their type.</param>
    public static IEnumerable<byte[]> ClaimedByOwner(
        SigningKey owner, SignedOver over, int count, SignatureType type = SignatureType.PositiveCertification) =>
        Enumerable.Range(0, count).Select(i =>
            new SignatureSpec(type).At(owner.CreationTime + (uint)i).Written(SignatureForm.Junk).Sign(owner, over));

    /// <summary>Good signatures of the owner, each a second later, each with as large a note as asked for.</summary>
    /// <param name="owner">The primary key.</param>
    /// <param name="over">What they are over.</param>
    /// <param name="count">How many.</param>
    /// <param name="noteLength">Bytes of each note, at most 60,000.</param>
    /// <param name="type">Their type.</param>
    public static IEnumerable<byte[]> Notations(
        SigningKey owner, SignedOver over, int count, int noteLength, SignatureType type = SignatureType.PositiveCertification) =>
        Enumerable.Range(0, count).Select(i =>
            new SignatureSpec(type)
                .At(owner.CreationTime + (uint)i)
                .With(Subpacket.Notation("note@example.org", TestPackets.Filled(noteLength, i, "note"), isHumanReadable: false))
                .Sign(owner, over));
}
