namespace Sks.Node.Restrictions;

/// <summary>What a restriction demands. The values are stored and signed: never renumber.</summary>
public enum RestrictionKind : byte
{
    /// <summary>Not to be stored, served or fetched.</summary>
    Block = 1,

    /// <summary>The same, and what is stored is purged from the disk. Of a certificate only a revocation is still accepted.</summary>
    Erase = 2,

    /// <summary>What the same origin has said about the subject before holds no longer.</summary>
    Retract = 3,
}
