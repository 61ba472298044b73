namespace Sks.OpenPgp;

/// <summary>The rules by which another kind of keyserver cleans certificates before it hashes them: whoever reconciles with it needs the same result.</summary>
/// <remarks>
/// <para>Where its result depends on the order of arrival, on local limits or on quirks of a library, this is the stable part; docs/dialects.md lists what differs.
/// No rule depends on a clock or on other certificates.</para>
/// <para>Source: Hockeypuck 2.3.3 and its main branch (after 2.4-beta2), as measured from outside.</para>
/// </remarks>
public sealed class Dialect
{
    private readonly DialectRules _rules;

    private Dialect(string name, byte profile, DialectRules rules)
    {
        Name = name;
        Profile = profile;
        _rules = rules;
    }

    /// <summary>Hockeypuck 2.2 and 2.3.</summary>
    public static Dialect Hockeypuck23 { get; } = new("hockeypuck-2.3", 1, new DialectRules(KnowsRfc9980: false, MaxSignatureBytes: DialectRules.MaxPacketBytes));

    /// <summary>Hockeypuck 2.4, which knows the algorithms of RFC 9980.</summary>
    public static Dialect Hockeypuck24 { get; } = new("hockeypuck-2.4", 2, new DialectRules(KnowsRfc9980: true, MaxSignatureBytes: 65_536));

    /// <summary>All that are known, by ascending profile.</summary>
    public static IReadOnlyList<Dialect> All { get; } = [Hockeypuck23, Hockeypuck24];

    /// <summary>As operators write it.</summary>
    public string Name { get; }

    /// <summary>Number in the keys of stores. Frozen; 0 is SKS.</summary>
    public byte Profile { get; }

    /// <summary>Number of the rules as they are written here. A change of them is a new number: stores work all digests out again.</summary>
    public byte RulesVersion => _rules.Version;

    /// <summary>The dialect with a name.</summary>
    public static bool TryFind(string name, out Dialect dialect)
    {
        dialect = All.FirstOrDefault(known => known.Name == name)!;
        return dialect is not null;
    }

    /// <summary>What the dialect would hold of what is held here.</summary>
    /// <param name="held">All packets that are held of one certificate, examined.</param>
    /// <returns>Some of its packets, each once; null when nothing is left. Its digest is the dialect's.</returns>
    public Certificate? View(VerifiedCertificate held) => new DialectSelection(_rules, held).ToCertificate();
}
