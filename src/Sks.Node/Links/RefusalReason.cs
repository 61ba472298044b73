namespace Sks.Node.Links;

/// <summary>Why something is not taken or not given.</summary>
public enum RefusalReason
{
    /// <summary>Some other reason.</summary>
    Other = 0,

    /// <summary>It is held already, or on its way.</summary>
    Held = 1,

    /// <summary>It is not held, or no more.</summary>
    NotHeld = 2,

    /// <summary>A restriction forbids it.</summary>
    Restricted = 3,

    /// <summary>It is too large.</summary>
    TooLarge = 4,

    /// <summary>It is not what its digest says, or not a clean view.</summary>
    Invalid = 5,

    /// <summary>Not now.</summary>
    Busy = 6,
}
